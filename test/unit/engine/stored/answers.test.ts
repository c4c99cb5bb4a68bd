import { describe, expect, it } from 'vitest';
import { answersFor } from '../../../../src/engine/stored/answers.ts';
import type { Question } from '../../../../src/journal/question.ts';

const question = (key: string): Question => ({ key, node: 'ask', name: 'what?', question: 'what?', askedAt: 1 });
const one = [question('1.0:what?')];
const two = [...one, question('1.1:what?')];

describe('the answers of a resume', () => {
  it('are empty where none are given', () => {
    expect([...answersFor('run', two, {})]).toEqual([]);
    expect([...answersFor('run', two, { answers: {} })]).toEqual([]);
  });

  it('answer the only question without naming it, also with undefined', () => {
    expect([...answersFor('run', one, { answer: 'yes' })]).toEqual([['1.0:what?', 'yes']]);
    expect([...answersFor('run', one, { answer: undefined })]).toEqual([['1.0:what?', undefined]]);
  });

  it('answer questions by their keys, and leave the others open', () => {
    expect([...answersFor('run', two, { answers: { '1.1:what?': 7 } })]).toEqual([['1.1:what?', 7]]);
  });

  it('are copies', () => {
    const given = { names: ['a'] };
    const answers = answersFor('run', one, { answer: given });
    given.names.push('b');
    expect(answers.get('1.0:what?')).toEqual({ names: ['a'] });
  });

  it.each([
    ['the answer to no question', [], { answer: 1 }, 'run "run" has no open question', 'Resume it without an answer.'],
    [
      'one answer to two questions',
      two,
      { answer: 1 },
      'run "run" has 2 open questions, so an answer needs a key',
      'Answer by key with `answers`: 1.0:what?, 1.1:what?.',
    ],
    [
      'the answer to another question',
      one,
      { answers: { '1.0:what?': 1, '9.0:what?': 2 } },
      'run "run" has no open question "9.0:what?"',
      'Answer by key with `answers`: 1.0:what?.',
    ],
  ])('refuse %s', (_what, questions, options, message, nextStep) => {
    expect(() => answersFor('run', questions, options)).toThrow(
      expect.objectContaining({
        code: 'question-unknown',
        nextStep,
        message: expect.stringContaining(message),
        fields: expect.objectContaining({ runId: 'run', open: questions.map(({ key }) => key) }),
      }),
    );
  });

  it('refuse what cannot be stored, and name the question', () => {
    expect(() => answersFor('run', one, { answer: { yes: () => true } })).toThrow(
      expect.objectContaining({ code: 'unstorable', message: expect.stringContaining('the answer to 1.0:what?') }),
    );
  });
});
