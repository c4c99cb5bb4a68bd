// Whatever a run waits for and however soon it leaves memory: each wait is over once, when its time has come.
import fc from 'fast-check';
import { append, fields, graph } from 'reprise';
import type { AnyGraph, NodeContext } from 'reprise';
import { expect, it } from 'vitest';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { testEngine } from '../../support/test-engine.ts';
import { asDurable, runId } from './prefix-run.ts';

const numRuns = process.env.REPRISE_TEST_SIZE === 'long' ? 1_000 : 40;
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_130);
const stepMs = 50;
const longestMs = 3_000;

type Context = NodeContext<undefined, never>;

interface Wait {
  readonly kind: (typeof kinds)[number];
  readonly ms: number;
}

interface Setting {
  readonly waits: readonly Wait[];
  readonly parkMs: number;
  readonly how: 'in a row' | 'side by side' | 'in one node';
}

const kinds = ['sleep', 'sleepUntil', 'a further try', 'a time limit', 'a further attempt'] as const;

/** `place`: among the waits. */
async function waited({ kind, ms }: Wait, place: number, context: Context, failed: Set<number>): Promise<void> {
  const { sleep, sleepUntil, effect, receive, now, attempt } = context;
  switch (kind) {
    case 'sleep':
      await sleep(ms);
      return;
    case 'sleepUntil':
      await sleepUntil((await now()) + ms);
      return;
    case 'a further try': {
      const fail = (): string => {
        if (failed.has(place)) return 'made';
        failed.add(place);
        throw new Error('not yet');
      };
      await effect(`try ${place}`, {}, fail, { retry: { attempts: 2, delayMs: ms, jitter: 0 } });
      return;
    }
    case 'a time limit':
      await receive(`never ${place}`, { timeoutMs: Math.max(1, ms) }).catch(() => undefined);
      return;
    case 'a further attempt':
      if (attempt === 1) throw new Error('not yet');
  }
}

interface Builder {
  node(name: string, node: (state: unknown, context: Context) => unknown, policy?: object): Builder;
  edge(from: string, to: string): Builder;
  start(name: string): Builder;
  build(): AnyGraph;
}

function waiting({ waits, how }: Setting): AnyGraph {
  const failed = new Set<number>();
  const start = graph('waiting', { state: fields({ log: append<number>() }) }) as never as Builder;
  if (how === 'in one node') {
    const node = async (_state: unknown, context: Context): Promise<unknown> => {
      await Promise.all(waits.map((wait, place) => waited(wait, place, context, failed)));
      return { delta: { log: [...waits.keys()] } };
    };
    return start.node('begin', node).start('begin').build();
  }
  const first = how === 'in a row' ? [0] : [...waits.keys()];
  let built = start.node('begin', (_state, { goto }) => ({ route: first.map((place) => goto(`${place}` as never)) }));
  for (const [place, wait] of waits.entries()) {
    const node = async (_state: unknown, context: Context): Promise<unknown> => {
      await waited(wait, place, context, failed);
      return { delta: { log: [place] } };
    };
    const retry = { attempts: 2, delayMs: wait.ms, jitter: 0 };
    built = built.node(`${place}`, node, wait.kind === 'a further attempt' ? { retry } : {});
    if (how === 'in a row' && place > 0) built = built.edge(`${place - 1}`, `${place}`);
  }
  return built.start('begin').build();
}

interface Ended {
  readonly log: unknown;
  readonly tookMs: number;
  readonly pauses: number;
}

/** Runs it under a worker that looks for what is due at each step of the clock. */
async function ended(setting: Setting): Promise<Ended> {
  const clock = new ManualClock(1_000);
  const store = asDurable(memoryStore({ now: () => clock.now() }));
  const worker = testEngine(waiting(setting), { store, clock, id: () => 'owner' });
  await worker.enqueue({}, { runId });
  const seen: { pauses: number; log: unknown } = { pauses: 0, log: undefined };
  const began = clock.now();
  const mostSteps = (setting.waits.length * longestMs) / stepMs + 20;
  for (let step = 0; step < mostSteps; step += 1) {
    for (const { result } of await worker.resumeDue(8, new Set(), setting.parkMs))
      void result.then((run) => {
        if (run?.status === 'paused') seen.pauses += 1;
        else seen.log = run?.state;
      });
    await clock.advance(0);
    if (seen.log !== undefined) break;
    await clock.advance(stepMs);
  }
  const tookMs = clock.now() - began;
  await worker.close();
  return { ...seen, tookMs };
}

const time = fc.integer({ min: 0, max: longestMs / stepMs }).map((steps) => steps * stepMs);
const how = fc.constantFrom('in a row', 'side by side', 'in one node');
const waits = fc.array(fc.record({ kind: fc.constantFrom(...kinds), ms: time }), { minLength: 1, maxLength: 4 });
const settings: fc.Arbitrary<Setting> = fc.record({ how, waits, parkMs: time }).map((setting) => ({
  ...setting,
  // A further attempt waits outside of its node.
  waits: setting.waits.map(({ kind, ms }) =>
    setting.how === 'in one node' && kind === 'a further attempt' ? { kind: 'sleep', ms } : { kind, ms },
  ),
}));

const short = (kind: Wait['kind']): Setting => ({ how: 'in a row', waits: [{ kind, ms: 800 }], parkMs: 500 });

it('a run that waits ends, whatever it waits for and however soon it leaves memory', async () => {
  await fc.assert(
    fc.asyncProperty(settings, async (setting) => {
      const times = setting.waits.map(({ ms }) => ms);
      const run = await ended(setting);
      expect(run.log).toEqual({ log: [...times.keys()] });
      expect(run.pauses).toBeLessThanOrEqual(times.length);
      // A step of the clock for each wait: for the time limit of nothing, and to be seen.
      const wholeMs = setting.how === 'in a row' ? times.reduce((sum, ms) => sum + ms, 0) : Math.max(...times);
      expect(run.tookMs).toBeGreaterThanOrEqual(wholeMs);
      expect(run.tookMs).toBeLessThanOrEqual(wholeMs + 2 * stepMs * times.length);
    }),
    { numRuns, seed, examples: [[short('sleep')], [short('a further try')]] },
  );
}, 120_000);
