// Runs of a random script that are cut off and resumed: the store that a crash leaves, the engine that finds it, and an
// outside that decides by key alone, so that a resumed run gets the same answers as an uninterrupted one.
import { canonicalTextOf } from '../../../src/base/canonical-json.ts';
import type { Value } from '../../../src/base/value.ts';
import { drawStream } from '../../../src/base/draw.ts';
import type { BreakpointOptions } from '../../../src/engine/options/run-options.ts';
import type { RunHost } from '../../../src/engine/host/run-host.ts';
import { liveWorld } from '../../../src/engine/world/live-world.ts';
import type { AnyGraph } from '../../../src/index.ts';
import type { AnyRun } from '../../../src/graph/types/run-types.ts';
import { canonicalEntries } from '../../../src/journal/run/canonical.ts';
import type { Entry, RunEntry } from '../../../src/journal/entry.ts';
import type { Clock } from '../../../src/port/clock.ts';
import type { RunStore } from '../../../src/port/store.ts';
import type { AttemptWorld, World } from '../../../src/port/world.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { keptStore } from '../../support/changed-store.ts';
import { collected } from '../../support/journals.ts';
import { testEngine } from '../../support/test-engine.ts';
import { toItsEnd } from '../journals.ts';
import type { GraphScript } from '../reference/script.ts';
import { scriptedGraph } from '../scripted-graph.ts';
import { ShuffledWorld } from '../world.ts';
import { withCheckpoints } from './with-checkpoints.ts';
import { callName, onceName, resumableNodes } from './resumable-nodes.ts';
import type { Performed } from './resumable-nodes.ts';

export const runId = 'run';

/** Longer runs repeat themselves, and the work is quadratic in the length. */
const maxSteps = 16;

export interface Setting {
  readonly script: GraphScript;
  readonly pauses: BreakpointOptions;
  readonly maxConcurrent: number;
}

export interface Session {
  readonly entries: readonly Entry[];
  readonly performed: Performed;
  readonly run: AnyRun;
}

/** The graph of a setting, built once: describing and digesting it takes as long as a run. */
class SettingGraph {
  static readonly #made = new WeakMap<Setting, SettingGraph>();
  readonly graph: AnyGraph;
  #performed: Performed = [];

  private constructor({ script }: Setting) {
    this.graph = scriptedGraph(
      script,
      resumableNodes(() => this.#performed),
    );
  }

  static of(setting: Setting): SettingGraph {
    const made = SettingGraph.#made.get(setting) ?? new SettingGraph(setting);
    SettingGraph.#made.set(setting, made);
    return made;
  }

  /** Where nodes that start from now on record what they perform. */
  newPerformed(): Performed {
    this.#performed = [];
    return this.#performed;
  }
}

/** A store in memory that counts as durable: leases expire, and sleeps are journaled when they begin. */
export function asDurable(store: RunStore): RunStore {
  return keptStore(store, { isDurable: true });
}

/** A run from its beginning. */
export async function wholeRun(setting: Setting, schedule: string): Promise<Session> {
  const store = asDurable(memoryStore());
  return session(setting, { store, schedule, startTime: 0 }, (engine) =>
    engine.run({}, { runId, seed: 'seed', ...setting.pauses }),
  );
}

/** The same run, resumed after its process died with these entries. */
export async function resumedRun(setting: Setting, prefix: readonly Entry[], schedule: string): Promise<Session> {
  const bare = asDurable(memoryStore());
  // Every other run is resumed from a checkpoint instead of from its beginning.
  const store = await storeWith(prefix, prefix.length % 2 === 0 ? withCheckpoints(bare) : bare);
  return session(setting, { store, schedule, startTime: lastTime(prefix) }, (engine) => engine.resume(runId));
}

/** What a process that died after these entries leaves. */
export async function storeWith(prefix: readonly Entry[], store = asDurable(memoryStore())): Promise<RunStore> {
  const [run, first, ...rest] = prefix;
  let lease = await store.create(run as RunEntry, first === undefined ? [] : [first]);
  // A failed run that was resumed had ended in between.
  let left = rest;
  for (let end = indexOfEnd(left); end >= 0; end = indexOfEnd(left)) {
    await store.append(lease, left.slice(0, end + 1));
    left = left.slice(end + 1);
    lease = await store.take(runId);
  }
  if (left.length > 0) await store.append(lease, left);
  await store.release(lease);
  return store;
}

function indexOfEnd(entries: readonly Entry[]): number {
  return entries.findIndex(({ kind }) => kind === 'end');
}

async function session(
  setting: Setting,
  { store, schedule, startTime }: { readonly store: RunStore; readonly schedule: string; readonly startTime: number },
  begin: (engine: RunHost) => Promise<AnyRun>,
): Promise<Session> {
  const shuffled = new ShuffledWorld(schedule);
  const clock: Clock = {
    now: () => startTime + shuffled.now(),
    setTimer: (delayMs, fire) => shuffled.setTimer(delayMs, fire),
  };
  const settingGraph = SettingGraph.of(setting);
  const performed = settingGraph.newPerformed();
  const engine = testEngine(
    settingGraph.graph,
    { store, clock, oracle: shuffled, world: worldByKey(clock), id: () => schedule },
    { maxConcurrent: setting.maxConcurrent, maxSteps, graceMs: 1_000_000, cleanupMs: 1_000_000 },
  );
  const run = await toItsEnd(engine, store, await begin(engine));
  const entries = await collected(store.read(runId));
  await engine.close();
  return { entries, performed, run };
}

/** The outside, except that the times nodes read depend on where they read them. */
function worldByKey(clock: Clock): World {
  const live = liveWorld(clock);
  const keyed = (world: AttemptWorld): AttemptWorld => ({
    drawKey: world.drawKey,
    run: (node) => world.run(node),
    settle: (result) => world.settle(result),
    watch: (timeoutMs, expire) => world.watch(timeoutMs, expire),
    cleanUp: (number) => {
      const cleanUp = world.cleanUp?.(number);
      return cleanUp === undefined ? undefined : keyed(cleanUp);
    },
    answer: (ref, kept) => {
      if (ref.type !== 'now') return world.answer(ref, kept);
      const time = drawStream('times', `${world.drawKey} ${ref.name} ${ref.occurrence}`).next();
      return { kind: 'answered', outcome: { kind: 'value', value: Math.floor(time * 1_000_000) } };
    },
  });
  return {
    openStep: (at, tasks) => {
      const plan = live.openStep(at, tasks);
      if (plan.kind === 'end') return plan;
      return {
        ...plan,
        tasks: plan.tasks.map((task) => ({
          attempt: (number, isResumable) => keyed(task.attempt(number, isResumable)),
        })),
      };
    },
    closeStep: (step) => live.closeStep(step),
  };
}

function lastTime(entries: readonly Entry[]): number {
  return Math.max(
    ...entries.map((entry) =>
      'time' in entry.observed ? entry.observed.time : 'ended' in entry.observed ? entry.observed.ended : 0,
    ),
  );
}

/** The canonical journal, one line per entry. */
export function canonicalLines(entries: readonly Entry[]): readonly string[] {
  return canonicalEntries(entries).map(({ observed: _observed, ...canonical }) =>
    canonicalTextOf(canonical as unknown as Value),
  );
}

/** The calls to the outside whose outcome is in these entries: they must not be made again. */
export function performedIn(entries: readonly Entry[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  const places = new Map<string, number>();
  const names = new Set<string>();
  for (const entry of entries) {
    if ((entry.kind !== 'begin' && entry.kind !== 'effect') || entry.type !== 'call') continue;
    const call = callName(entry.at, entry.name, entry.request, entry.occurrence);
    if (entry.once === true && !places.has(call)) {
      const like = `${entry.at} ${entry.name}`;
      const place = counts.get(like) ?? 0;
      counts.set(like, place + 1);
      places.set(call, place);
    }
    if (entry.kind === 'effect' && entry.once !== true) names.add(call);
    if (entry.kind === 'effect' && entry.once === true && entry.outcome.kind === 'value')
      names.add(onceName(entry.at, entry.name, places.get(call) as number));
  }
  return names;
}
