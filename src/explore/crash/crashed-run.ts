// A run whose processes die one after another, each where its death says. The last one lives.
import type { AnyGraph } from '../../graph/built-graph.ts';
import type { AnyRun } from '../../graph/types/run-types.ts';
import type { PlacedEffect } from '../../journal/address.ts';
import { canonicalStepsOf } from '../../journal/run/canonical.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import type { EffectEntry, Entry } from '../../journal/entry.ts';
import type { AttemptKey } from '../../journal/key.ts';
import { memoryStore } from '../../store/memory/memory.ts';
import type { Death } from '../schedule/schedule.ts';
import type { SubjectWorld } from '../subject/subject.ts';
import { live } from './life.ts';
import type { LifeEnd, Lives } from './life.ts';
import type { SentRequest } from './sent-requests.ts';
import type { Traced } from '../order/trace.ts';

export type CrashSetup = Omit<Lives, 'store' | 'sent' | 'written'>;

export interface CrashedRun {
  readonly steps: readonly CanonicalStep[];
  /** Undefined if it never ended. */
  readonly run: AnyRun | undefined;
  readonly refused: string | undefined;
  readonly writes: number;
  /** What each of them holds, in words. */
  readonly written: readonly string[];
  readonly sent: readonly SentRequest[];
  /** How many of the deaths came: a run may end before. */
  readonly died: number;
  readonly world: SubjectWorld;
  /** That of the last process, with what its variables hold in the end. */
  readonly graph: AnyGraph;
  readonly uncontrolled: readonly string[];
  /** One for each process. */
  readonly traces: readonly Traced[];
  /** What it asked for that is not recorded. */
  readonly missing: readonly PlacedEffect[];
  /** Recorded exchanges that another attempt asked for, in any of its processes. */
  moved(): ReadonlySet<EffectEntry>;
}

export async function crashedRun(setup: CrashSetup, deaths: readonly Death[]): Promise<CrashedRun> {
  const store = memoryStore();
  const lives: Lives = { ...setup, store, sent: [], written: [] };
  const { runId, startTime } = setup.subject;
  const uncontrolled: string[] = [];
  const traces: Traced[] = [];
  const missing: PlacedEffect[] = [];
  const moved = new Set<EffectEntry>();
  let last: LifeEnd | undefined;
  let died = 0;
  do {
    const time: number = last?.time ?? startTime;
    last = await live(lives, { number: died + 1, time, death: deaths[died], before: last?.world });
    uncontrolled.push(...last.uncontrolled);
    traces.push(last.traced);
    for (const [at, effects] of last.world.missing()) missing.push(...effects.map((effect) => ({ ...effect, at })));
    for (const effect of last.world.moved()) moved.add(effect);
    if (last.isDead) died += 1;
  } while (last.isDead);
  const { run, refused, world, graph } = last;
  const steps: CanonicalStep[] = [];
  if ((await store.find(runId)) !== undefined)
    for await (const step of canonicalStepsOf(store.read(runId))) steps.push(withoutRestarts(step));
  const { written, sent } = lives;
  const asked = { missing, moved: () => moved };
  return {
    steps,
    run,
    refused,
    writes: written.length,
    written,
    sent,
    died,
    world,
    graph,
    uncontrolled,
    traces,
    ...asked,
  };
}

/**
 * That a stream was started again is no difference, but what it gave then is. If it failed after that, what it had given
 * before would not have counted.
 */
function withoutRestarts(step: CanonicalStep): CanonicalStep {
  const failed = new Set(
    step.entries.flatMap((entry) => (entry.kind === 'outcome' && entry.result.status !== 'done' ? [entry.at] : [])),
  );
  const counts = ({ kind, at }: Entry): boolean =>
    kind !== 'restart' && !(kind === 'chunk' && failed.has(at as AttemptKey));
  return { ...step, entries: step.entries.filter(counts) };
}
