// Attempts take locks, at the top and in inner runs two deep. Their process dies behind any entry, the run is resumed and
// stopped at any moment of that, and the process that cleans up dies as well. What may have been taken is given back, and
// nothing that a clean-up has done is done again before that clean-up is over.
import { append, fields, graph, memoryStore } from 'reprise';
import { expect, it } from 'vitest';
import { drawStream } from '../../../src/base/draw.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { cleanedUpNote } from '../../../src/journal/step/stops.ts';
import { keptStore } from '../../support/changed-store.ts';
import { collected } from '../../support/journals.ts';
import { ManualClock, nextTurn, settled } from '../../support/manual-clock.ts';
import { testEngine } from '../../support/test-engine.ts';
import { asDurable, runId, storeWith } from './prefix-run.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const seed = process.env.REPRISE_TEST_SEED ?? '20261129';
/** Behind each entry so many moments are tried of each kind of machine. */
const momentCount = isLong ? 40 : 1;
const hour = 3_600_000;

const stops = ['cancel', 'failure', 'timeout', 'deadline'] as const;
type Stop = (typeof stops)[number];

/** What is outside: it knows who took a lock and who gave it back. */
class Outside {
  readonly taken = new Set<string>();
  readonly returned = new Set<string>();
  readonly told = new Set<string>();
  readonly failure = Promise.withResolvers<never>();

  constructor() {
    this.failure.promise.catch(() => undefined);
  }
}

function holders(outside: () => Outside) {
  const state = () => fields({ out: append<string>() });
  type Node = Parameters<ReturnType<typeof wide>['node']>[1];
  const wide = () => graph('holders', { state: state() });
  const hold: Node = async (_state, { attempt, effect, key, onStop, sleep }) => {
    const lock = `${key}#${attempt}`;
    onStop(async ({ effect, sleep }) => {
      await effect('unlock', lock, () => void outside().returned.add(lock));
      await sleep(5);
      await effect('told', lock, () => void outside().told.add(lock));
    });
    await effect('lock', lock, async () => {
      outside().taken.add(lock);
      await nextTurn();
    });
    await sleep(hour);
  };
  const step: Node = async ({ out }, { effect }) => {
    await effect('step', out.length, () => 1);
    return { delta: { out: ['stepped'] } };
  };
  const wait: Node = async (_state, { receive }) => {
    await receive('never');
  };
  const mapping = { input: () => ({}), output: () => ({}) };
  const deepest = graph('deepest', { state: state() })
    .node('step', step)
    .node('again', step)
    .node('hold', hold)
    .edge('step', 'again')
    .edge('again', 'hold')
    .start('step')
    .build();
  const deep = graph('deep', { state: state() })
    .node('step', step)
    .node('wait', wait)
    .node('hold', hold)
    .subgraph('deepest', deepest, mapping)
    .edge('step', 'wait')
    .edge('step', 'hold')
    .edge('step', 'deepest')
    .start('step')
    .build();
  return wide()
    .node('go', step)
    .node('bad', async ({ out }, { effect }) => {
      await effect('bad', out.length, () => outside().failure.promise);
    })
    .node('hold', hold)
    .subgraph('deep', deep, mapping, { timeoutMs: 60_000 })
    .edge('go', 'bad')
    .edge('go', 'hold')
    .edge('go', 'deep')
    .start('go')
    .build();
}

type Durability = 'effect' | 'step';

interface Machine {
  /** What could wait for a later turn of the event loop does. */
  readonly isBusy: boolean;
  /** The last moment of a resume at which it is stopped. */
  readonly momentsMax: number;
}

const machines: readonly Machine[] = [
  { isBusy: true, momentsMax: 10 },
  { isBusy: false, momentsMax: 200 },
];

class Life {
  readonly outside = new Outside();
  readonly clock = new ManualClock();
  readonly store: ReturnType<typeof memoryStore>;
  readonly engine: ReturnType<typeof testEngine>;

  constructor(durability: Durability, store = memoryStore(), isBusy = false) {
    this.store = store;
    const options = { durability, graceMs: 50, cleanupMs: 1_000, maxTakeovers: 1_000 };
    const ports = { store: asDurable(keptStore(store)), clock: this.clock, isBusy };
    this.engine = testEngine(
      holders(() => this.outside),
      ports,
      options,
    );
  }

  static async after(prefix: readonly Entry[], durability: Durability, isBusy: boolean): Promise<Life> {
    return new Life(durability, (await storeWith(prefix, memoryStore())) as ReturnType<typeof memoryStore>, isBusy);
  }

  get entries(): Promise<readonly Entry[]> {
    return collected(this.store.read(runId));
  }
}

/** The journal of a run in which everybody holds a lock. */
async function heldRun(durability: Durability): Promise<readonly Entry[]> {
  const life = new Life(durability);
  const run = life.engine.run({}, { runId, seed: 'seed' });
  while (life.outside.taken.size < 3) await settled();
  await settled();
  await life.engine.close();
  await run;
  return life.entries;
}

/** What may be held when a process dies behind these entries, or gives up what it took itself. */
function checkReturned(prefix: readonly Entry[], { taken, returned, told }: Outside, what: string): void {
  const atOf = (kind: Entry['kind']): readonly string[] =>
    prefix.filter((entry) => entry.kind === kind).map(({ at }) => at);
  const known = atOf('effect').filter((at) => at.includes('!'));
  const mayBeHeld = [...new Set([...atOf('guard'), ...taken])];
  expect(
    mayBeHeld.filter((at) => !returned.has(at) && !known.includes(`${at}!0`)),
    `not given back: ${what}`,
  ).toEqual([]);
  const isOver = (at: string): boolean =>
    prefix.some((entry) => entry.kind === 'note' && entry.what === cleanedUpNote && entry.at === at);
  const again = prefix.flatMap((entry) => {
    if (entry.kind !== 'effect' || !entry.at.includes('!') || isOver(entry.at)) return [];
    const done = entry.name === 'unlock' ? returned : told;
    return done.has(String(entry.request)) ? [`${entry.at} ${entry.name}`] : [];
  });
  expect(again, `done again: ${what}`).toEqual([]);
}

interface Death {
  readonly prefix: readonly Entry[];
  readonly durability: Durability;
  readonly stop: Stop;
  readonly isBusy: boolean;
  readonly moments: number;
}

/** Resumes what is left behind these entries, and stops it after so many moments. Returns its journal. */
async function stoppedAfter({ prefix, durability, stop, isBusy, moments }: Death): Promise<readonly Entry[]> {
  const life = await Life.after(prefix, durability, isBusy);
  const { engine, clock, outside } = life;
  const cancel = new AbortController();
  const options = stop === 'deadline' ? { timeoutMs: 30_000 } : {};
  const running = engine.resume(runId, { signal: cancel.signal, ...options });
  for (let moment = 0; moment < moments; moment += 1) await (isBusy ? nextTurn() : null);
  if (stop === 'cancel') cancel.abort('enough');
  else if (stop === 'failure') outside.failure.reject(new Error('bad'));
  else clock.step(stop === 'timeout' ? 60_000 : 30_000);
  if (stop === 'timeout') {
    // Its own time, or that of an attempt which was entered again meanwhile.
    await clock.advance(60_000);
    outside.failure.reject(new Error('bad'));
  }
  await clock.advance(60_000);
  const { status } = await clock.until(running, 500);
  await engine.close();
  const what = `${stop} after ${moments} moments behind ${prefix.length} entries, ${durability}`;
  expect(status, what).toBe(stop === 'cancel' ? 'cancelled' : 'failed');
  checkReturned(prefix, outside, what);
  return life.entries;
}

/** Resumes what is left behind these entries, of a run that was being stopped or is cancelled now. */
async function endedAfter(prefix: readonly Entry[], durability: Durability): Promise<void> {
  const { engine, clock, outside } = await Life.after(prefix, durability, false);
  const running = engine.resume(runId, { signal: AbortSignal.abort('enough') });
  await clock.advance(60_000);
  expect((await clock.until(running, 500)).status).toMatch(/cancelled|failed/);
  await engine.close();
  checkReturned(prefix, outside, `behind ${prefix.length} entries of a run that was being stopped, ${durability}`);
}

it.each(stops)(
  'what may have been taken is given back after a %s',
  { timeout: isLong ? 3_600_000 : 180_000 },
  async (stop) => {
    const draw = drawStream(seed, stop).next;
    let stopCount = 0;
    for (const durability of ['effect', 'step'] as const) {
      const entries = await heldRun(durability);
      for (let cut = 2; cut <= entries.length; cut += 1) {
        const prefix = entries.slice(0, cut);
        for (const { isBusy, momentsMax } of isLong ? machines : [machines[cut % 2] as Machine])
          for (let count = 0; count < momentCount; count += 1) {
            const moments = Math.floor(draw() * momentsMax);
            const ended = await stoppedAfter({ prefix, durability, stop, isBusy, moments });
            stopCount += 1;
            const second = cut + Math.floor(draw() * (ended.length - cut));
            await endedAfter(ended.slice(0, second), durability);
          }
      }
    }
    console.log(`given back: ${stopCount} runs stopped by a ${stop}, and each twice, seed ${seed}`);
    expect(stopCount).toBeGreaterThan(40);
  },
);
