import { expect, it } from 'vitest';
import { QuestionDesk } from '../../../../src/engine/run/question-desk.ts';
import type { BeginEntry } from '../../../../src/journal/entry.ts';
import type { AttemptKey } from '../../../../src/journal/key.ts';
import type { Question } from '../../../../src/journal/step/question.ts';

const question = (key: string): Question => ({
  id: `${key}~0123456`,
  key,
  node: 'node',
  name: key,
  question: 'well?',
  askedAt: 0,
});

it('lists what is open by key, until it is withdrawn', () => {
  const desk = new QuestionDesk([]);
  const second = desk.put(question('b'));
  desk.put(question('a'));
  expect(desk.open.map(({ key }) => key)).toEqual(['a', 'b']);
  second();
  second();
  expect(desk.open.map(({ key }) => key)).toEqual(['a']);
});

it('does not withdraw a question that was put again since', () => {
  const desk = new QuestionDesk([]);
  const first = desk.put(question('a'));
  desk.put(question('a'));
  first();
  expect(desk.open).toHaveLength(1);
});

const begin = (request: string, ordinal = 0): BeginEntry => ({
  kind: 'begin',
  at: '1.0#1' as AttemptKey,
  node: 'node',
  type: 'ask',
  name: 'a',
  request,
  occurrence: 0,
  observed: { time: 0, ordinal },
});

it('knows what was asked before in the place of a question, in the same attempt', () => {
  const desk = new QuestionDesk([begin('44?'), begin('sure?', 1)]);
  expect(desk.replacedBy('1.0:a', '1.0#1' as AttemptKey, '4400?')?.begin.request).toBe('44?');
  expect(desk.replacedBy('1.0:a', '1.0#1' as AttemptKey, '44?')).toBeUndefined();
  expect(desk.replacedBy('1.0:a', '1.0#2' as AttemptKey, '4400?')).toBeUndefined();
  expect(desk.replacedBy('1.0:a:2', '1.0#1' as AttemptKey, '4400?')).toBeUndefined();
});

it('tells a caller alone whether its answer was refused', () => {
  const desk = new QuestionDesk([]);
  desk.refuse(3, 'no number');
  expect([desk.refusalOf([1, 3]), desk.refusalOf([2]), desk.refusalOf([])]).toEqual([
    'no number',
    undefined,
    undefined,
  ]);
});
