// What is told between machines over a server: a run that is due begins at once, an answer and a cancel arrive at once, and
// what a process lets go of is taken by another. Workers look by themselves only every minute here.
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEngine, fields, graph, last } from '../../src/index.ts';
import type { RunStore } from '../../src/index.ts';
import { postgresStore } from '../../src/store/postgres/index.ts';
import type { PostgresPool } from '../../src/store/postgres/index.ts';
import { skipReason, startServer } from './server.ts';
import type { TestServer } from './server.ts';

const why = skipReason();
const patience = { timeout: 60_000, interval: 5 };
const rarely = { pollMs: 60_000 };
const clock = performance.now.bind(performance);
const begun: number[] = [];

const once = graph('once', { state: fields({ done: last(false) }) })
  .node('do', () => {
    begun.push(clock());
    return { delta: { done: true } };
  })
  .start('do')
  .build();

let finish: () => void = () => undefined;
/** It waits for a person beside other work, so it stays in memory. */
const asks = graph('asks', { state: fields({ answer: last('') }) })
  .node('ask', async (_state, { ask }) => {
    const answer = String(await ask('ok?'));
    begun.push(clock());
    finish();
    return { delta: { answer } };
  })
  .node('work', async (_state, { effect }) => {
    await effect('work', {}, () => new Promise<void>((resolve) => (finish = resolve)));
  })
  .node('begin', () => undefined)
  .edge('begin', 'ask')
  .edge('begin', 'work')
  .start('begin')
  .build();

const waits = graph('waits', { state: fields({ done: last(false) }) })
  .node('wait', async (_state, { effect, signal }) => {
    begun.push(clock());
    await effect('wait', {}, () => new Promise((resolve) => signal.addEventListener('abort', resolve)));
    return { delta: { done: true } };
  })
  .start('wait')
  .build();

function tablesIn(text: string): string {
  return [...new Set([...text.matchAll(/"\."?(\w+)|"\w+"\.(\w+)/g)].map(([, one, other]) => one ?? other))].join(' ');
}

describe.skipIf(why !== undefined)('engines on two machines', () => {
  let server: TestServer;
  let schema = '';
  let count = 0;
  const open: { close(): Promise<void> }[] = [];
  const opened = <Engine extends { close(): Promise<void> }>(engine: Engine): Engine => {
    open.push(engine);
    return engine;
  };
  const store = (): RunStore => postgresStore(server.url, { schema });
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.remove());
  beforeEach(() => {
    schema = `wake_${count++}`;
    begun.length = 0;
  });
  afterEach(async () => {
    for (const engine of open.splice(0)) await engine.close();
  });

  it('begin a run in milliseconds once it is due', async () => {
    const runCount = 40;
    opened(createEngine(once, { store: store() })).work(rarely);
    const other = opened(createEngine(once, { store: store() }));
    // Once it listens, it looks at what it was not told of.
    await other.enqueue({});
    await vi.waitFor(() => expect(begun).toHaveLength(1), patience);
    await pause(300);
    begun.length = 0;
    const waited: number[] = [];
    for (let index = 0; index < runCount; index += 1) {
      const asked = clock();
      await other.enqueue({}, { runId: `run-${index}` });
      await vi.waitFor(() => expect(begun).toHaveLength(index + 1), patience);
      waited.push((begun.at(-1) ?? 0) - asked);
    }
    waited.sort((one, two) => one - two);
    const [median = 0, longest = 0] = [waited[runCount / 2], waited.at(-1)];
    console.log(`due until begun: median ${median.toFixed(1)} ms, longest ${longest.toFixed(1)} ms`);
    // By itself it would look a minute later.
    expect(longest).toBeLessThan(patience.timeout);
  });

  it('ask a server for nothing twice between the claim of a run and its begin, and for all of it at once', async () => {
    const pool = new pg.Pool({ connectionString: server.url });
    open.push({ close: () => pool.end() });
    /** Each statement, and how many had been answered by then. */
    const asked: (readonly [text: string, answered: number])[] = [];
    let answered = 0;
    const counting: PostgresPool = {
      query: async (text, values) => {
        if (begun.length === 0) asked.push([text, answered]);
        try {
          return await pool.query(text, values);
        } finally {
          answered += 1;
        }
      },
    };
    await opened(createEngine(once, { store: store() })).enqueue({});
    const worker = opened(createEngine(once, { store: postgresStore(counting, { schema }) }));
    await worker.work({ isOnce: true }).done;
    expect(begun).toHaveLength(1);
    const claim = asked.findIndex(([text]) => text.includes('SKIP LOCKED'));
    const afterClaim = asked
      .slice(claim + 1)
      .map(([text, before]) => [tablesIn(text), before] as const)
      // What time it is, it asks once in a while.
      .filter(([tables]) => tables !== '');
    // A run that has no checkpoint is not asked for one.
    expect(afterClaim.map(([tables]) => tables).sort()).toEqual(['run', 'run entry tail', 'run message']);
    expect(new Set(afterClaim.map(([, before]) => before)).size).toBe(1);
  });

  it('hear at once of an answer and of a cancel', async () => {
    const other = opened(createEngine(asks, { store: store() }));
    const run = opened(createEngine(asks, { store: store() })).run({}, { runId: 'run-1' });
    await vi.waitFor(async () => expect(await other.questions('run-1')).toHaveLength(1), patience);
    // Until the connection listens.
    await pause(300);
    const answered = clock();
    await other.answer('run-1', undefined, 'yes');
    expect(await run).toMatchObject({ status: 'done' });
    const answer = ((begun.pop() ?? 0) - answered).toFixed(1);
    const long = opened(createEngine(waits, { store: store() })).run({}, { runId: 'run-2' });
    await vi.waitFor(() => expect(begun).toHaveLength(1), patience);
    await pause(300);
    const cancelled = clock();
    await other.cancel('run-2', 'enough');
    expect(await long).toMatchObject({ status: 'cancelled' });
    const cancel = (clock() - cancelled).toFixed(1);
    console.log(`an answer is taken ${answer} ms after it was sent, a cancel ${cancel} ms after`);
  });

  it('take at once what another lets go of', async () => {
    const first = opened(createEngine(waits, { store: store() }));
    const second = opened(createEngine(waits, { store: store() }));
    const result = first.run({}, { runId: 'run-1' }).catch(() => undefined);
    await vi.waitFor(() => expect(begun).toHaveLength(1), patience);
    second.work(rarely);
    await pause(300);
    const closed = clock();
    await first.close();
    await result;
    await vi.waitFor(() => expect(begun).toHaveLength(2), patience);
    console.log(`taken ${((begun[1] ?? 0) - closed).toFixed(0)} ms after its process began to close`);
    await second.cancel('run-1', 'enough');
  });
});
