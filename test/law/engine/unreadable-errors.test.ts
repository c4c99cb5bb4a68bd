// Whatever code throws fails its task, also what cannot be read: a revoked proxy, or one whose traps throw.
import { append, createEngine, fields, graph, memoryStore, reduce, task } from 'reprise';
import type { AnyGraph } from 'reprise';
import { describe, expect, it } from 'vitest';

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable(new Error('gone'), {});
  revoke();
  return proxy;
}

const trapping = (): unknown =>
  new Proxy(new Error('no'), {
    getPrototypeOf: () => {
      throw new Error('trapped');
    },
    get: () => {
      throw new Error('trapped');
    },
  });

class Throwing extends Error {
  override get message(): string {
    throw new Error('trapped');
  }
  override get name(): string {
    throw new Error('trapped');
  }
  override get cause(): unknown {
    throw new Error('trapped');
  }
}

const throwing = (thrown: unknown) => (): never => {
  throw thrown;
};

interface Context {
  effect(...given: unknown[]): Promise<unknown>;
  race(...given: unknown[]): Promise<unknown>;
  onStop(fn: () => unknown): void;
  sleep(ms: number): Promise<void>;
}

const state = () => fields({ log: append<string>() });
const calling = (call: (context: Context) => unknown, policy = {}): AnyGraph =>
  graph('calling', { state: state() })
    .node('call', async (_state, context) => void (await call(context as never)), policy)
    .start('call')
    .build();

const places: readonly (readonly [string, (thrown: unknown) => AnyGraph])[] = [
  ['a node', (thrown) => graph('g', { state: state() }).node('n', throwing(thrown)).start('n').build()],
  ['a node that waits', (thrown) => calling(async () => Promise.reject(thrown))],
  ['a node that is tried again', (thrown) => calling(throwing(thrown), { retry: { attempts: 2 } })],
  [
    'a retry predicate',
    (thrown) => calling(throwing(new Error('no')), { retry: { attempts: 2, when: throwing(thrown) } }),
  ],
  ['perform', (thrown) => calling(({ effect }) => effect('e', 1, throwing(thrown)))],
  [
    'perform that is tried again',
    (thrown) => calling(({ effect }) => effect('e', 1, throwing(thrown), { retry: { attempts: 2 } })),
  ],
  ['a request', (thrown) => calling(({ effect }) => effect('e', thrown, () => 1))],
  ['a response', (thrown) => calling(({ effect }) => effect('e', 1, () => ({ thrown })))],
  ['a task', (thrown) => calling(() => task('t', throwing(thrown)))],
  ['a branch of a race', (thrown) => calling(({ race }) => race('r', { one: throwing(thrown) }))],
  ['a cause', (thrown) => calling(throwing(new Error('outer', { cause: thrown })))],
  ['a field', (thrown) => calling(throwing(Object.assign(new Error('outer'), { thrown })))],
  ['an error of many', (thrown) => calling(throwing(new AggregateError([thrown], 'many')))],
  [
    'a stream',
    (thrown) =>
      graph('g', { state: state() })
        // biome-ignore lint/correctness/useYield: it throws before
        .node('n', async function* () {
          throw thrown;
        })
        .start('n')
        .build(),
  ],
  [
    'a predicate',
    (thrown) =>
      graph('g', { state: state() })
        .node('n', () => ({}))
        .node('m', () => ({}))
        .edge('n', 'm', { when: throwing(thrown) as never })
        .start('n')
        .build(),
  ],
  [
    'a reducer',
    (thrown) =>
      graph('g', { state: fields({ log: reduce<number>(throwing(thrown), 0) }) })
        .node('n', () => ({ delta: { log: 1 } }))
        .start('n')
        .build(),
  ],
  [
    'a mapping',
    (thrown) =>
      graph('g', { state: state() })
        .subgraph('s', calling(() => undefined) as never, { input: throwing(thrown), output: () => ({}) })
        .start('s')
        .build(),
  ],
  ['a timer', (thrown) => calling(() => new Promise((_resolve, reject) => setTimeout(() => reject(thrown), 1)))],
];

describe.each([
  ['a revoked proxy', revoked],
  ['a proxy whose traps throw', trapping],
  ['an error whose getters throw', () => new Throwing()],
])('%s', (_what, thrown) => {
  it.each(places)('from %s fails the run', async (where, made) => {
    await using engine = createEngine(made(thrown()), { store: memoryStore() });
    const { status } = await engine.run({});
    // A value may hold such an error: what can be read of it is kept.
    const isValue = where === 'a request' || where === 'a response';
    expect(isValue ? ['failed', 'done'] : ['failed']).toContain(status);
  });

  it('from a clean-up changes nothing, and is noted', async () => {
    const built = calling(
      async ({ onStop, sleep }) => {
        onStop(throwing(thrown()));
        await sleep(60_000);
      },
      { timeoutMs: 20 },
    );
    await using engine = createEngine(built, { store: memoryStore(), graceMs: 0 });
    expect(await engine.run({})).toMatchObject({ status: 'failed', error: { code: 'node-timeout' } });
  });

  it('from a promise that nobody awaits ends no process', async () => {
    const built = calling(async () => {
      Promise.reject(thrown());
      await new Promise((resolve) => setTimeout(resolve, 20));
    });
    await using engine = createEngine(built, { store: memoryStore() });
    expect((await engine.run({})).status).toBe('done');
  });

  it('reaches the node that caught it as an error', async () => {
    let caught: unknown;
    const built = calling(async ({ effect }) => {
      caught = await effect('e', 1, throwing(thrown())).catch((error: unknown) => error);
    });
    await using engine = createEngine(built, { store: memoryStore() });
    expect((await engine.run({})).status).toBe('done');
    expect(caught).toBeInstanceOf(Error);
    expect((caught as Error).message).toMatch(/cannot be read|unreadable/);
  });
});
