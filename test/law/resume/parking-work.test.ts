// What a node does on its own timers is under way: a run does not leave memory in the middle of it.
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { append, createEngine, fields, graph } from 'reprise';
import type { AnyGraph, NodeContext } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import { places, runId } from './going-on.ts';
import type { Place } from './going-on.ts';

type Work = (context: NodeContext<undefined, never>) => Promise<unknown>;

function working(work: Work): AnyGraph {
  return graph('working', { state: fields({ log: append<string>() }) })
    .node('work', async (_state, context) => ({ delta: { log: [String(await work(context as never))] } }))
    .start('work')
    .build();
}

/** Runs it under a worker that parks whatever waits for half a second. */
async function worked(place: Place, built: AnyGraph): Promise<{ readonly statuses: readonly string[] }> {
  const store = place();
  const engine = createEngine(built, { store });
  await engine.enqueue({}, { runId });
  const stop = new AbortController();
  const serving = engine.work({ parkMs: 500, pollMs: 50, signal: stop.signal });
  const statuses: string[] = [];
  for (let look = 0; look < 400; look += 1) {
    const { status = 'unknown' } = (await store.find(runId)) ?? {};
    if (statuses.at(-1) !== status) statuses.push(status);
    if (status === 'done' || status === 'failed') break;
    await wait(10);
  }
  stop.abort();
  await serving;
  await engine.close();
  return { statuses };
}

async function logOf(place: Place, built: AnyGraph): Promise<unknown> {
  const store = place();
  await using engine = createEngine(built, { store });
  const { state } = (await engine.resume(runId).catch(async () => engine.run({}, { runId, onExisting: 'attach' }))) as {
    readonly state: { readonly log: readonly string[] };
  };
  const path = join(temporaryFolder(), 'run.run.jsonl');
  await exportRunTo(store, runId, path);
  expect((await replay(built, path)).report.divergences).toEqual([]);
  return state.log;
}

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

describe.each(places.filter(({ name }) => name === 'SQLite'))('on $name', ({ make }) => {
  it('a branch that works on timers of its own wins against a long sleep', async () => {
    const place = make();
    const built = working(async ({ race, sleep }) => {
      const first = await race('first', {
        work: async () => {
          for (let part = 0; part < 3; part += 1) await wait(100);
          return 'worked';
        },
        limit: async () => sleep(2_000),
      });
      return first.branch;
    });
    expect(await worked(place, built)).toEqual({ statuses: expect.not.arrayContaining(['paused']) });
    expect(await logOf(place, built)).toEqual(['work']);
  });

  it('work beside a long sleep comes to its end before the run leaves memory, and is not done again', async () => {
    const place = make();
    let charges = 0;
    const built = working(async ({ effect, sleep }) => {
      const work = async (): Promise<unknown> => {
        for (let part = 0; part < 3; part += 1) await new Promise((resolve) => setTimeout(resolve, 100));
        return effect('charge', 1, () => {
          charges += 1;
          return `charge ${charges}`;
        });
      };
      const [done] = await Promise.all([work(), sleep(1_500)]);
      return done;
    });
    const began = performance.now();
    expect((await worked(place, built)).statuses).toContain('paused');
    expect(performance.now() - began).toBeGreaterThan(1_400);
    expect(await logOf(place, built)).toEqual(['charge 1']);
    expect(charges).toBe(1);
  });

  it('work beside a question is done before the run pauses', async () => {
    const place = make();
    let isDone = false;
    const built = working(async ({ ask }) => {
      const work = async (): Promise<void> => {
        await wait(200);
        isDone = true;
      };
      const [answer] = await Promise.all([ask('well?'), work()]);
      return answer;
    });
    await using engine = createEngine(built, { store: place() });
    expect((await engine.run({}, { runId })).status).toBe('paused');
    expect(isDone).toBe(true);
  });

  it.each<readonly [string, () => void]>([
    ['a timer that repeats', () => void opened.push(clearing(setInterval(() => undefined, 50)))],
    [
      'a timer that does not hold its process',
      () => void opened.push(clearing(setTimeout(() => undefined, 9_000).unref())),
    ],
    ['a time limit', () => void AbortSignal.timeout(9_000)],
    ['a timer that is cleared', () => clearTimeout(setTimeout(() => undefined, 9_000))],
    ['a long timer', () => void opened.push(clearing(setTimeout(() => undefined, 60_000)))],
  ])('%s is no work', async (_what, begin) => {
    const place = make();
    const built = working(async ({ ask }) => {
      begin();
      return ask('well?');
    });
    await using engine = createEngine(built, { store: place() });
    const began = performance.now();
    expect((await engine.run({}, { runId })).status).toBe('paused');
    expect(performance.now() - began).toBeLessThan(8_000);
  });
});

function clearing(timer: NodeJS.Timeout): () => void {
  return () => clearTimeout(timer);
}
