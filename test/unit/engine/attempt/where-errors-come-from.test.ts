// Where an error came from is known live, from the store and from a fixture, by the frames of the user's own code.
import { append, createEngine, fields, graph, last, memoryStore, reduce, task } from 'reprise';
import type { Engine } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { sqliteStore } from 'reprise/sqlite';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { userFrames } from '../../../../src/journal/error/stacks.ts';
import type { RunStore } from '../../../../src/port/store.ts';
import { temporaryFolder } from '../../../support/folder.ts';

function deepHelper(): never {
  throw new RangeError('too deep');
}

const state = fields({
  out: append<number>(),
  total: reduce<number, number>(() => deepHelper(), 0),
  any: last<unknown>(0),
});

const inner = graph('inner', { state: fields({ any: last<unknown>(0) }) })
  .node('throw', () => deepHelper())
  .start('throw')
  .build();

const places = {
  'a node': graph('g', { state })
    .node('a', () => deepHelper())
    .start('a')
    .build(),
  'what a node awaits': graph('g', { state })
    .node('a', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      deepHelper();
    })
    .start('a')
    .build(),
  perform: graph('g', { state })
    .node('a', async (_state, { effect }) => {
      await effect('e', 1, () => deepHelper());
    })
    .start('a')
    .build(),
  'a task inside a node': graph('g', { state })
    .node('a', () => task('part', async () => deepHelper()))
    .start('a')
    .build(),
  'a generator': graph('g', { state })
    .node('a', async function* () {
      yield { out: [1] };
      deepHelper();
    })
    .start('a')
    .build(),
  'a subgraph': graph('g', { state })
    .subgraph('a', inner, { input: () => ({}), output: () => ({}) })
    .start('a')
    .build(),
  'a reducer': graph('g', { state })
    .node('a', () => ({ delta: { total: 1 } }))
    .start('a')
    .build(),
  'the cause of an error': graph('g', { state })
    .node('a', () => {
      try {
        deepHelper();
      } catch (cause) {
        throw new Error('it failed', { cause });
      }
    })
    .start('a')
    .build(),
  'an error among others': graph('g', { state })
    .node('a', async () => {
      await Promise.any([Promise.reject(new Error('one')), (async () => deepHelper())()]);
    })
    .start('a')
    .build(),
};

async function failed(engine: Engine<never, never>): Promise<Error> {
  const run = await engine.run({} as never, { runId: 'r' });
  if (run.status !== 'failed') throw new Error(`the run is ${run.status}`);
  return run.error;
}

/** The stacks of an error and of everything within it. */
function allStacks(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  const held = error instanceof AggregateError ? error.errors.flatMap(allStacks) : [];
  return [String(error.stack), ...held, ...allStacks(error.cause)];
}

describe.each(Object.entries(places))('an error thrown in %s', (_place, thrower) => {
  it('names the function of the user, live and from the store', async () => {
    const path = join(temporaryFolder(), 'runs.db');
    const engine = createEngine(thrower, { store: sqliteStore(path) }) as unknown as Engine<never, never>;
    const live = await failed(engine);
    await engine.close();
    expect(live.stack).toMatch(/^RepriseError: .*\n {4}at /);
    const deepest = allStacks(live).find((stack) => stack.startsWith('RangeError: too deep\n'));
    expect(deepest?.split('\n')[1]).toMatch(
      /^ {4}at deepHelper \(test\/unit\/engine\/attempt\/where-errors-come-from\.test\.ts:\d+:\d+\)$/,
    );
    for (const stack of allStacks(live)) expect(stack).not.toMatch(/src\/engine|\/[\w-]+\/reprise|file:/);

    const again = createEngine(thrower, { store: sqliteStore(path) }) as unknown as Engine<never, never>;
    const attached = await again.run({} as never, { runId: 'r', onExisting: 'attach' });
    expect(attached.status === 'failed' && allStacks(attached.error)).toEqual(allStacks(live));
    await again.close();

    const store = sqliteStore(path, { mode: 'read' });
    const fixture = readFileSync(await exportRunTo(store, 'r', join(temporaryFolder(), 'r.run.jsonl')), 'utf8');
    await store.close();
    expect(fixture).toContain('at deepHelper (test/unit/engine/attempt/where-errors-come-from.test.ts:');
    expect(fixture).not.toContain(process.cwd());
  });
});

async function causeOf(throwing: () => unknown, store: RunStore = memoryStore()): Promise<Error> {
  const thrower = graph('g', { state: fields({ any: last<unknown>(0) }) })
    .node('a', () => {
      throwing();
    })
    .start('a')
    .build();
  const engine = createEngine(thrower, { store }) as unknown as Engine<never, never>;
  const { cause } = await failed(engine);
  await engine.close();
  return cause as Error;
}

describe('what is thrown', () => {
  it('may be frozen, or have getters that throw', async () => {
    const frozen = Object.freeze(new TypeError('frozen'));
    expect(
      (
        await causeOf(() => {
          throw frozen;
        })
      ).stack,
    ).toContain('where-errors-come-from.test.ts:');
    const bad = Object.defineProperty(new Error('odd'), 'stack', {
      get: () => {
        throw new Error('no stack');
      },
    });
    expect(
      (
        await causeOf(() => {
          throw bad;
        })
      ).stack,
    ).toBe('Error: odd');
  });

  it('may be its own cause, or have a huge message', async () => {
    const cyclic = new Error('cyclic');
    cyclic.cause = cyclic;
    expect(
      userFrames(
        frames(
          await causeOf(() => {
            throw cyclic;
          }),
        ),
      ),
    ).not.toEqual([]);
    const huge = new Error('x'.repeat(2_000_000));
    const kept = await causeOf(() => {
      throw huge;
    });
    expect(kept.message.length).toBe(1_000_000);
    expect(userFrames(frames(kept))).not.toEqual([]);
  });

  it('may be no error at all, and has no frames then', async () => {
    expect(
      (
        await causeOf(() => {
          throw 'a text';
        })
      ).stack,
    ).toBe('NonError: a node threw the text "a text"');
  });
});

function frames(error: Error): string {
  return String(error.stack).slice(error.message.length).replaceAll(/^ {4}/gm, '');
}

it('redacts frames in a fixture', async () => {
  const path = join(temporaryFolder(), 'runs.db');
  const secret = 'sk-live-4eC39HqLyjWDarjtT1zdp7dc';
  const error = new Error('no');
  error.stack = `Error: no\n    at load (https://files.example/load.js?api_key=${secret}:1:2)`;
  await causeOf(() => {
    throw error;
  }, sqliteStore(path));
  const store = sqliteStore(path, { mode: 'read' });
  const fixture = readFileSync(await exportRunTo(store, 'r', join(temporaryFolder(), 'r.run.jsonl')), 'utf8');
  await store.close();
  expect(fixture).toContain('at load (https://files.example/load.js?api_key=redacted0');
  expect(fixture).not.toContain(secret);
});

it('belongs to the node that gets it, which may write to it', async () => {
  const counting = graph('counting', { state: fields({ any: last<unknown>(0) }) })
    .node('try', async (_state, { effect }) => {
      const fail = (): never => {
        throw Object.assign(new TypeError('no'), { code: 'E_NO' });
      };
      for (let tried = 1; ; tried += 1) {
        try {
          await effect('ask', tried, fail);
        } catch (thrown) {
          // As p-retry does.
          Object.assign(thrown as Error, { attemptNumber: tried, code: `E_NO ${tried}` });
          if (tried === 3) throw thrown;
        }
      }
    })
    .start('try')
    .build();
  const run = await createEngine(counting).run({});
  expect(run).toMatchObject({ status: 'failed', error: { cause: { attemptNumber: 3, code: 'E_NO 3' } } });
});
