// What is a finding where something fails that did not. That a run fails is not.
//   J1. Its journal keeps its laws: nothing is in it twice, and the state follows from it.
//   J2. No call whose answer is late leaves a second time under another idempotency key, neither as the same request nor, from
//       a further attempt, as another one in its place, unless a clean-up of the first attempt has asked for something.
//   J3. What the invariant of the user demands holds.
//   J4. With the same faults, neither an order nor a death changes what the run comes to.
//       Where nobody knows what comes first, it may: an answer is slow, or a race is decided again. And it may where a fault
//       has not come, since another attempt asked for its exchange: that one got it whole.
//   J5. A run that asked for what is not recorded is not judged by J3 and J4: nobody knows the answer.
import { sameValue } from '../../base/equal.ts';
import { messageOf } from '../../base/error.ts';
import { canonicalValue } from '../../base/value.ts';
import { addressInDoubt } from '../../journal/address-in-doubt.ts';
import type { EffectEntry, EffectRef } from '../../journal/entry.ts';
import { entryIdentity } from '../../journal/entry-identity.ts';
import { attemptNumber, attemptOfCleanUp, isCleanUpKey, taskOfAttempt } from '../../journal/key.ts';
import type { AttemptKey } from '../../journal/key.ts';
import { RunFold } from '../../journal/fold/run-fold.ts';
import { sameResult } from '../run/comparison.ts';
import type { CrashedRun } from '../crash/crashed-run.ts';
import { likeOf } from '../crash/sent-requests.ts';
import type { Change, Exploration } from '../run/exploration.ts';
import type { Fault } from '../schedule/schedule.ts';
import { faultKinds } from './fault-kinds.ts';
import { eventOf } from './faulty-world.ts';
import type { FaultyRecording } from './faulty-world.ts';

/** `whole`: the run with the same faults, first in, first out, in which nothing dies. */
export function judge(
  exploration: Exploration,
  run: CrashedRun,
  faults: readonly Fault[],
  whole?: CrashedRun,
): Change | undefined {
  const twice = doubleEffect(exploration, run, faults);
  if (twice !== undefined) return { kind: 'double effect', message: twice };
  if (run.missing.length > 0) return undefined;
  if (run.run === undefined) {
    if (whole === undefined ? run.refused === undefined : whole.run === undefined) return undefined;
    return { kind: 'stuck', ...(run.refused === undefined ? {} : { message: run.refused }) };
  }
  const broken = brokenJournal(run);
  if (broken !== undefined) return { kind: 'journal', message: broken };
  const message = exploration.brokenInvariant({ run: run.run, world: run.world });
  if (message !== undefined) return { kind: 'invariant', message };
  if (whole?.run === undefined || whole.missing.length > 0 || isOrderUnknown(exploration, faults)) return undefined;
  if (faults.some((fault) => isPassedBy(exploration, run, fault))) return undefined;
  if (doubtIn(run, whole) !== undefined) return undefined;
  return sameResult(whole, run, exploration.compare, exploration.leeway(run)) ? undefined : { kind: 'difference' };
}

/** Nobody knows what comes first: a late answer or something else that takes its time, one branch of a race or another. */
function isOrderUnknown(exploration: Exploration, faults: readonly Fault[]): boolean {
  return faults.some(({ kind }) => kind === 'slow') || exploration.freedBy(faults).areAny;
}

/** Whichever attempt needs it first asks for an exchange that several share, and a fault is of one of them. */
function isPassedBy({ recorded, first }: Exploration, run: CrashedRun, { event }: Fault): boolean {
  const entry = recorded.effects.get(event);
  const hasCome = run.traces.some(({ trace }) =>
    trace.some(({ event: { key } }) => key === event || key.startsWith(`${event}/`)),
  );
  if (entry?.type !== 'http' || hasCome) return false;
  const moved = [...first.world.moved(), ...run.moved()];
  return moved.some(({ name, request }) => name === entry.name && sameValue(request, entry.request));
}

/** What nobody knows of whether it happened: the run says so, and does not repeat it. */
export function doubtIn({ run, steps }: CrashedRun, whole: CrashedRun): string | undefined {
  const end = steps.at(-1)?.entries.find((entry) => entry.kind === 'end');
  if (end?.kind === 'end' && end.end.status === 'failed') return addressInDoubt(end.end.error);
  const wasPaused = whole.run?.status === 'paused';
  return run?.status === 'paused' && !wasPaused ? run.questions[0]?.key : undefined;
}

function brokenJournal({ steps, run }: CrashedRun): string | undefined {
  const fold = new RunFold();
  try {
    for (const { entries } of steps) {
      const known = new Set<string>();
      for (const entry of entries) {
        const identity = entryIdentity(entry);
        if (known.has(identity)) return `the journal holds twice: ${identity}`;
        known.add(identity);
        fold.add(entry);
      }
    }
  } catch (thrown) {
    return `the journal does not add up: ${messageOf(thrown)}`;
  }
  const state = canonicalValue(run?.state, 'the state of the run');
  return sameValue(fold.state, state) ? undefined : 'the state of the run does not follow from its journal';
}

interface Late {
  readonly fault: Fault;
  readonly entry: EffectEntry;
}

/** Somebody did not wait for an answer, and asked again as if for something new. */
function doubleEffect({ recorded, first }: Exploration, run: CrashedRun, faults: readonly Fault[]): string | undefined {
  if (first.run === undefined) return undefined;
  for (const fault of faults) {
    const entry = recorded.effects.get(fault.event);
    if (entry?.type !== 'call' || faultKinds[fault.kind].lateMs === undefined) continue;
    const again = leftAgain(run, { fault, entry }, recorded) ?? askedInstead(run, { fault, entry }, recorded);
    if (again !== undefined) return `${fault.event} has no answer yet, and ${again}, under another idempotency key`;
  }
  return undefined;
}

/** What the run asks for anyway is not the same once more. */
function leftAgain({ sent }: CrashedRun, { fault }: Late, { effects }: FaultyRecording): string | undefined {
  const again = sent.find(
    ({ event, idempotencyKey, unanswered }) =>
      !effects.has(event) &&
      unanswered.some((other) => other.event === fault.event && other.idempotencyKey !== idempotencyKey),
  );
  return again === undefined ? undefined : `leaves again as ${again.event}`;
}

function askedInstead(
  { sent, missing }: CrashedRun,
  { fault, entry }: Late,
  { effects }: FaultyRecording,
): string | undefined {
  if (!sent.some(({ event }) => event === fault.event)) return undefined;
  const asked = [
    ...sent.map(({ at, effect }) => ({ at, effect })),
    ...missing.map((effect) => ({ at: effect.at, effect })),
  ];
  // Its code knows that the call may have happened, and takes it back.
  if (asked.some(({ at }) => isCleanUpKey(at) && attemptOfCleanUp(at as AttemptKey) === entry.at)) return undefined;
  const later = asked.filter(({ at, effect }) => isLater(at, entry.at) && isOfItsKind(effect, entry));
  const own = likeOf(entry.at, entry);
  if (later.some(({ at, effect }) => likeOf(at, effect) === own)) return undefined;
  const other = later.find(({ effect }) => !effects.has(eventOf(entry.at, effect)));
  return other === undefined ? undefined : `a further attempt asks for ${eventOf(other.at, other.effect)} in its place`;
}

function isLater(at: string, earlier: AttemptKey): boolean {
  const key = at as AttemptKey;
  return taskOfAttempt(key) === taskOfAttempt(earlier) && attemptNumber(key) > attemptNumber(earlier);
}

function isOfItsKind(effect: EffectRef, { type, name, label, task }: EffectEntry): boolean {
  return effect.type === type && effect.name === name && effect.label === label && effect.task === task;
}
