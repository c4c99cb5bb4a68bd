// A run whose processes die one after another, each where its death says. The last one lives.
import type { AnyRun } from '../../graph/run-types.ts';
import { canonicalStepsOf } from '../../journal/canonical.ts';
import type { CanonicalStep } from '../../journal/canonical.ts';
import { memoryStore } from '../../store/memory.ts';
import type { Death } from '../schedule.ts';
import type { SubjectWorld } from '../subject.ts';
import { live } from './life.ts';
import type { LifeEnd, Lives, SentRequest } from './life.ts';

export type CrashSetup = Omit<Lives, 'store' | 'sent' | 'writes'>;

export interface CrashedRun {
  readonly steps: readonly CanonicalStep[];
  /** Undefined if it never ended. */
  readonly run: AnyRun | undefined;
  readonly refused: string | undefined;
  readonly writes: number;
  readonly sent: readonly SentRequest[];
  /** How many of the deaths came: a run may end before. */
  readonly died: number;
  readonly world: SubjectWorld;
  readonly uncontrolled: readonly string[];
}

export async function crashedRun(setup: CrashSetup, deaths: readonly Death[]): Promise<CrashedRun> {
  const store = memoryStore();
  const lives: Lives = { ...setup, store, sent: [], writes: 0 };
  const { runId, startTime } = setup.subject;
  const uncontrolled: string[] = [];
  let last: LifeEnd | undefined;
  let died = 0;
  do {
    const time: number = last?.time ?? startTime;
    last = await live(lives, { number: died + 1, time, death: deaths[died], before: last?.world });
    uncontrolled.push(...last.uncontrolled);
    if (last.isDead) died += 1;
  } while (last.isDead);
  const { run, refused, world } = last;
  const steps: CanonicalStep[] = [];
  if ((await store.find(runId)) !== undefined)
    for await (const step of canonicalStepsOf(store.read(runId))) steps.push(withoutRestarts(step));
  return { steps, run, refused, writes: lives.writes, sent: lives.sent, died, world, uncontrolled };
}

/** That a stream was started again is no difference, but what it gave then is. */
function withoutRestarts(step: CanonicalStep): CanonicalStep {
  return { ...step, entries: step.entries.filter(({ kind }) => kind !== 'restart') };
}
