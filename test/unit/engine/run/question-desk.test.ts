import { expect, it } from 'vitest';
import { QuestionDesk } from '../../../../src/engine/run/question-desk.ts';
import type { Question } from '../../../../src/journal/question.ts';

const question = (key: string): Question => ({ key, node: 'node', name: key, question: 'well?', askedAt: 0 });

it('lists what is open by key, until it is withdrawn', () => {
  const desk = new QuestionDesk(new Map());
  const second = desk.put(question('b'));
  desk.put(question('a'));
  expect(desk.open.map(({ key }) => key)).toEqual(['a', 'b']);
  second();
  second();
  expect(desk.open.map(({ key }) => key)).toEqual(['a']);
});

it('does not withdraw a question that was put again since', () => {
  const desk = new QuestionDesk(new Map());
  const first = desk.put(question('a'));
  desk.put(question('a'));
  first();
  expect(desk.open).toHaveLength(1);
});

it('gives each answer once', () => {
  const given = new Map([['a', true]]);
  const desk = new QuestionDesk(given);
  expect([desk.takeAnswer('a'), desk.takeAnswer('a'), desk.takeAnswer('b')]).toEqual([true, undefined, undefined]);
  expect(given.size).toBe(1);
});
