// What a replay answers with: what was recorded, in parts as the replay cuts them.
import type { AnswerFacts } from '../../journal/answer-facts.ts';
import type { Value } from '../../base/value.ts';
import { sameValue } from '../../base/equal.ts';
import { RepriseError } from '../../base/error.ts';
import { refOf } from '../../journal/effect-identity.ts';
import { errorIdentity } from '../../journal/error/error-identity.ts';
import { factsOf } from '../../journal/entry.ts';
import { addressAskedInDoubt, endedInDoubt } from '../../journal/address-in-doubt.ts';
import { matchesAddress, parseAddress } from '../../journal/address.ts';
import type { RestOfExchange } from '../../journal/step/exchange-finder.ts';
import type {
  AttemptResult,
  CommitEntry,
  EffectEntry,
  EffectOrder,
  EffectRef,
  PooledEntry,
} from '../../journal/entry.ts';
import { attemptKey, attemptNumber, rankOfTask, stepOfTask, taskOfAttempt } from '../../journal/key.ts';
import type { AttemptKey } from '../../journal/key.ts';
import { gotByLosers } from '../../journal/step/race.ts';
import type { StepIndex } from '../../journal/step/step-index.ts';
import type { Answer, AnsweredBefore } from '../../port/world.ts';
import { partsOf } from '../recorded/cut-bodies.ts';
import type { BodyCut } from '../recorded/cut-bodies.ts';

/** What the code gets to see of a recorded answer. */
export function givenBy({ outcome, observed: { answer } }: EffectEntry | PooledEntry): Value {
  return { outcome, answer } as unknown as Value;
}

/** `rest`: what became of an exchange after its attempt had ended. */
export function answerOf(
  recorded: EffectEntry | PooledEntry,
  rest: RestOfExchange | undefined,
  cut: BodyCut,
): AnsweredBefore {
  const parts = recorded.type === 'http' ? partsOf(recorded, cut) : undefined;
  const { answer, ...known } = factsOf(recorded);
  const asCut = cut === 'recorded' ? answer : withoutApart(answer);
  const facts = {
    ...known,
    ...(asCut === undefined ? {} : { answer: asCut }),
    ...(parts === undefined ? {} : { parts }),
  };
  const { order } = recorded.observed;
  return {
    kind: 'answered',
    outcome: recorded.outcome,
    facts,
    order: cut === 'recorded' ? order : withoutParts(order),
    ...(rest === undefined ? {} : outlivedAnswer(recorded, rest, cut)),
  };
}

/** Of other parts nobody knows which came together. */
function withoutApart(answer: AnswerFacts | undefined): AnswerFacts | undefined {
  if (answer === undefined) return undefined;
  const { apart: _apart, ...rest } = answer;
  return rest;
}

function outlivedAnswer(
  { outcome, observed: { parts = [] } }: EffectEntry | PooledEntry,
  { entry, place }: RestOfExchange,
  cut: BodyCut,
): Pick<AnsweredBefore, 'given' | 'outlived'> {
  const hasHead = outcome.kind === 'value' && Object.hasOwn(Object(outcome.value), 'status');
  const partCount = cut === 'recorded' ? parts.length : partsWithin(parts, partsOf(entry, cut) ?? []);
  return { given: answerOf(entry, undefined, cut), outlived: { hasHead, partCount, place } };
}

/** How many parts are within as many bytes. */
function partsWithin(arrived: readonly number[], parts: readonly number[]): number {
  const total = arrived.reduce((sum, length) => sum + length, 0);
  let count = 0;
  for (let end = 0; count < parts.length; count += 1) {
    end += parts[count] ?? 0;
    if (end > total) break;
  }
  return count;
}

/** Who won. `effects`: those of its attempt. */
export function raceAnswer(race: EffectEntry, effects: readonly EffectEntry[]): AnsweredBefore {
  return { ...answerOf(race, undefined, 'recorded'), gotByLosers: gotByLosers(race, effects) };
}

/**
 * An attempt that was stopped, because its time was over or an effect of it was in doubt, may have had effects pending:
 * they were asked for, and no answer was recorded. So may one that the end of its run left waiting. Beside an effect in
 * doubt nothing else is known to have been `pending`.
 */
export function answerOfStopped(
  step: StepIndex | undefined,
  at: AttemptKey,
  ref: EffectRef,
): Answer | 'pending' | undefined {
  if (isLeftWaiting(ref, step, at)) return { kind: 'perform' };
  const result = endOf(step, at);
  const isOverAround = result !== undefined && result !== step?.attempt(at)?.outcome?.result;
  if (result?.status === 'timeout' || isOverAround || step?.attempt(at)?.isTimedOut === true) return { kind: 'silent' };
  const address = result?.status === 'failed' ? addressAskedInDoubt(result.error) : undefined;
  if (result?.status !== 'failed' || address === undefined) return undefined;
  const named = parseAddress(address);
  const isNamed = named !== undefined && matchesAddress(named, { ...ref, at: named.at });
  return isNamed ? { kind: 'in doubt', error: result.error } : 'pending';
}

/** Whether the time of an attempt may have been over: what it ends with then may be that an effect of it was in doubt. */
export function isOverByTime(at: AttemptKey, result: AttemptResult | undefined): boolean {
  return result?.status === 'timeout' || (result !== undefined && isEndedOver(result, at));
}

/** How an attempt ended. If it did not, because time was over for an attempt around it, that one's end. */
function endOf(step: StepIndex | undefined, at: AttemptKey): AttemptResult | undefined {
  for (let end = at.length; end > 0; end = at.lastIndexOf('/', end - 1)) {
    const result = step?.attempt(at.slice(0, end))?.outcome?.result;
    if (result !== undefined)
      return end === at.length || isOverByTime(at.slice(0, end) as AttemptKey, result) ? result : undefined;
  }
  return undefined;
}

/**
 * A step that failed does not wait for people and signals: a task of a lower rank may have waited for one when the run
 * ended. It waits again, and nothing comes.
 */
function isLeftWaiting({ type }: EffectRef, step: StepIndex | undefined, at: AttemptKey): boolean {
  if (type !== 'ask' && type !== 'receive') return false;
  for (let end = at.length; end > 0; end = at.lastIndexOf('/', end - 1)) {
    const attempt = at.slice(0, end) as AttemptKey;
    if (step?.attempt(attempt)?.outcome !== undefined) return false;
    const task = taskOfAttempt(attempt);
    const last = step?.lastRankIfFailed(stepOfTask(task));
    if (last !== undefined && rankOfTask(task) < last) return true;
  }
  return false;
}

/** Answers that are the same in every run, by the recorded effect. */
const performed = new WeakMap<EffectEntry, Answer>();

/**
 * Where the order is controlled: an answer comes when the oracle says so, and a sleep is over when its time is. `rest`: as
 * above.
 */
export function asIfPerformed(recorded: EffectEntry, rest: RestOfExchange | undefined, cut: BodyCut): Answer {
  // The time is read at once.
  if (recorded.type === 'now') return answerOf(recorded, rest, cut);
  if (recorded.type === 'sleep') return { kind: 'perform' };
  const known = performed.get(recorded);
  if (known !== undefined) return known;
  const answered = { ...answerOf(recorded, rest, cut), as: refOf(recorded) };
  const answer: Answer = { kind: 'perform', simulate: () => answered };
  if (rest === undefined) performed.set(recorded, answer);
  return answer;
}

/** The answer to a request that is the recorded one but for what was redacted: the journal holds the recorded one. */
export function asAsked(answer: Answer, recorded: EffectEntry): Answer {
  return answer.kind === 'answered' ? { ...answer, as: refOf(recorded) } : answer;
}

/** Parts that are cut elsewhere have no places. */
function withoutParts(order: EffectOrder | undefined): EffectOrder | undefined {
  if (order === undefined) return undefined;
  const { parts: _parts, ...rest } = order;
  return rest;
}

/** An answer that stands in another step than that whose order is followed. */
export function withoutOrder({ order: _elsewhere, ...answer }: AnsweredBefore): AnsweredBefore {
  return answer;
}

export function isSameFailure(recorded: AttemptResult, replayed: AttemptResult): boolean {
  if (recorded.status === 'done' || replayed.status === 'done' || recorded.status !== replayed.status) return false;
  return sameValue(errorIdentity(recorded.error), errorIdentity(replayed.error));
}

/** Where an attempt ended in the recording, something was in doubt that only its run knew of. */
export function isEndedOver(recorded: AttemptResult, partner: AttemptKey): boolean {
  return recorded.status === 'failed' && endedInDoubt(recorded.error) === partner;
}

export function missingOutcome(at: AttemptKey): RepriseError {
  return new RepriseError('effect-missing', `attempt ${at} was not recorded, so there is no output to feed in`, {
    nextStep: 'Replay in mode `effects`, which runs the node.',
    fields: { at },
  });
}

export function redactEntryOf(commit: CommitEntry, redact: (value: Value) => Value): CommitEntry {
  return { ...commit, frontier: redact(commit.frontier as unknown as Value) as unknown as CommitEntry['frontier'] };
}

/**
 * What an earlier attempt got before it was restarted. Its replay begins behind that, so only the recording knows that it
 * was kept.
 */
export function keptOfRestarted(step: StepIndex | undefined, drawKey: AttemptKey, ref: EffectRef): Answer | undefined {
  const task = taskOfAttempt(drawKey);
  for (let number = attemptNumber(drawKey) - 1; number > 0; number -= 1) {
    const earlier = step?.attempt(attemptKey(task, number));
    const found = earlier?.restart === undefined ? undefined : earlier.take(ref);
    if (found?.outcome.kind === 'value') return { ...answerOf(found, undefined, 'recorded'), isKept: true };
  }
  return undefined;
}
