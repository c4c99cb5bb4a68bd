// What is in doubt is known to the other side by its idempotency key: a stored run says the one that was sent last.
import { append, createEngine, effectsInDoubtOf, fields, graph, memoryStore, openQuestionsOf } from 'reprise';
import type { AnyGraph, EffectOptions } from 'reprise';
import { expect, it } from 'vitest';

const unclear = (): Error => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
const refused = (): Error => new Error('no funds');

interface Charging {
  readonly built: AnyGraph;
  /** The keys that arrived, in order. */
  readonly keys: readonly string[];
}

/** `answers`: what becomes of each call, one after another. */
function charging(answers: readonly (() => Error)[], options: EffectOptions, attempts: number): Charging {
  const keys: string[] = [];
  const built = graph('charging', { state: fields({ log: append<string>() }) })
    .node(
      'pay',
      async (_state, { effect }) => {
        const charge = (_request: unknown, { idempotencyKey }: { readonly idempotencyKey: string }): string => {
          keys.push(idempotencyKey);
          throw (answers[keys.length - 1] ?? unclear)();
        };
        await effect('quote', 1, () => 1);
        return { delta: { log: [await effect('charge', 5, charge, options)] } };
      },
      { retry: { attempts } },
    )
    .start('pay')
    .build();
  return { built, keys };
}

const cases: readonly (readonly [string, EffectOptions, number, readonly (() => Error)[], number])[] = [
  ['the first call', { onDoubt: 'fail' }, 1, [], 1],
  ['one that is marked `once`', { onDoubt: 'fail', once: true }, 1, [], 1],
  ['one after a refused attempt', { onDoubt: 'fail' }, 2, [refused], 2],
  ['one marked `once` after a refused attempt', { onDoubt: 'fail', once: true }, 2, [refused], 2],
  ['a further try', { onDoubt: 'fail', retry: { attempts: 3, delayMs: 0 } }, 1, [refused], 2],
  ['one that a person is asked about', { onDoubt: 'ask' }, 1, [], 1],
  ['one marked `once` that a person is asked about', { onDoubt: 'ask', once: true }, 2, [refused], 2],
];

it.each(cases)('%s', async (_which, options, attempts, answers, sentCount) => {
  const { built, keys } = charging(answers, options, attempts);
  const store = memoryStore();
  await using engine = createEngine(built, { store });
  await engine.run({}, { runId: 'run' });
  expect(new Set(keys).size).toBe(sentCount);
  const [doubt, ...others] = await effectsInDoubtOf(store, 'run');
  expect(others).toEqual([]);
  expect(doubt).toMatchObject({ name: 'charge', idempotencyKey: keys.at(-1) });
  const questions = await openQuestionsOf(store, 'run');
  if (options.onDoubt === 'ask') expect(questions).toMatchObject([{ question: { idempotencyKey: keys.at(-1) } }]);
  else {
    const again = { [doubt?.address ?? '']: 'retry' } as const;
    await engine.resume('run', { decide: again });
  }
  // It is performed again with the same key.
  expect(keys.at(-1)).toBe(doubt?.idempotencyKey);
});
