// Which frames of a stack are kept, and how.
import { describe, expect, it } from 'vitest';
import { RepriseError } from '../../../../src/base/error.ts';
import { canonicalValue } from '../../../../src/base/value.ts';
import { readStacks } from '../../../../src/engine/rules/read-stacks.ts';
import type { SourcePaths } from '../../../../src/port/source-paths.ts';

const paths: SourcePaths = {
  nameOf: (file) => `<${file.split(/[\\/]/).at(-1)}>`,
  isOwn: (file) => file.includes('/reprise/'),
};

function errorWith(stack: string, error: Error = new Error('no')): Error {
  return Object.defineProperty(error, 'stack', { value: stack });
}

const framesOf = (error: unknown): string | undefined =>
  readStacks(canonicalValue(error, 'error'), error, paths)?.join(' | ');

describe('a frame', () => {
  it.each([
    ['at load (/srv/app/src/load.ts:3:4)', 'at load (<load.ts>:3:4)'],
    ['at async file:///srv/my%20app/src/load.ts:3:4', 'at async <load.ts>:3:4'],
    ['at new Thing (C:\\app\\thing.js:3:4)', 'at new Thing (<thing.js>:3:4)'],
    ['at load (\\\\server\\share\\load.js:3:4)', 'at load (<load.js>:3:4)'],
    ['at load (/srv/my (old) app/load.ts:3:4)', 'at load (<load.ts>:3:4)'],
    [
      'at eval (eval at load (/srv/load.js:3:4), <anonymous>:1:1)',
      'at eval (eval at load (<load.js>:3:4), <anonymous>:1:1)',
    ],
    ['at JSON.parse (<anonymous>)', 'at JSON.parse (<anonymous>)'],
    ['at async Promise.all (index 0)', 'at async Promise.all (index 0)'],
    ['at load (webpack-internal:///./src/load.js:3:4)', 'at load (webpack-internal:///./src/load.js:3:4)'],
  ])('%s', (frame, kept) => {
    expect(framesOf(errorWith(`Error: no\n    ${frame}`))).toBe(kept);
  });

  it('of Reprise, or between functions of the user, is left out', () => {
    const stack = `Error: no
    at load (/app/load.ts:1:2)
    at Attempt.start (/reprise/engine.mjs:3:4)
    at AsyncLocalStorage.run (node:internal/async_local_storage/async_context_frame:65:14)
    at node (/app/graph.ts:5:6)
    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)`;
    expect(framesOf(errorWith(stack))).toBe('at load (<load.ts>:1:2)\nat node (<graph.ts>:5:6)');
  });

  it('is kept where all are in one file, as in a bundle', () => {
    expect(framesOf(errorWith('Error: no\n    at load (/reprise/bundle.js:1:2)'))).toBe('at load (<bundle.js>:1:2)');
    const own = new RepriseError('unstorable', 'no', { nextStep: 'x' });
    expect(framesOf(errorWith('RepriseError: no\n    at load (/reprise/bundle.js:1:2)', own))).toBeUndefined();
  });
});

describe('the stacks of an error', () => {
  it('do not take a message for a frame', () => {
    const message = 'first\n    at fake (/app/fake.ts:1:1)';
    expect(framesOf(errorWith(`Error: ${message}\n    at load (/app/load.ts:1:2)`, new Error(message)))).toBe(
      'at load (<load.ts>:1:2)',
    );
  });

  it('are those of the error, the errors that it holds, and its cause, each followed by its own', () => {
    const at = (place: number, error: Error = new Error('no')): Error =>
      errorWith(`Error: no\n    at load (/app/load.ts:${place}:0)`, error);
    const cause = at(5);
    const held = [at(2, new Error('no', { cause: at(3) })), 'a text', at(4)];
    const stacks = framesOf(at(1, new AggregateError(held, 'no', { cause })));
    expect(stacks?.match(/\d(?=:0)/g)).toEqual(['1', '2', '3', '4', '5']);
  });

  it.each([
    ['has none', Object.defineProperty(new Error('no'), 'stack', { value: undefined })],
    [
      'throws when it is asked for it',
      Object.defineProperty(new Error('no'), 'stack', {
        get: () => {
          throw new Error('a getter');
        },
      }),
    ],
    ['has another kind of stack', errorWith('load@file.js:1:2')],
  ])('are unknown where it %s', (_what, error) => {
    expect(framesOf(error)).toBeUndefined();
  });

  it('are limited in number and in length', () => {
    const frame = `    at ${'f'.repeat(1_000)} (/app/load.ts:1:2)`;
    let error = new Error('no');
    for (let depth = 0; depth < 100; depth += 1) error = new Error('no', { cause: error });
    for (let inner: unknown = error; inner instanceof Error; inner = inner.cause)
      errorWith(`Error: no\n${`${frame}\n`.repeat(100)}`, inner);
    const stacks = readStacks(canonicalValue(error, 'error'), error, paths) ?? [];
    expect(stacks.length).toBeLessThanOrEqual(16);
    expect(Math.max(...stacks.map(({ length }) => length))).toBeLessThanOrEqual(32 * 301);
  });
});
