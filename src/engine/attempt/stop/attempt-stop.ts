// Why an attempt is stopped: as its journal says it, and as its code is told.
import { canonicalValue } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import type { NodeSpec } from '../../../graph/spec.ts';
import type { AttemptResult, StopEntry } from '../../../journal/entry.ts';
import type { AttemptKey } from '../../../journal/key.ts';
import type { StoppedBefore } from '../../../port/world.ts';
import { codeOf, timeoutError } from '../../rules/failure.ts';
import type { Stop } from '../../run/run-stop.ts';

/** What becomes of an attempt that is stopped. */
export interface AttemptStop {
  readonly why: StopEntry['why'];
  /** After a cancel or a limit. */
  readonly end?: StopEntry['end'];
  /** What it fails with, if it is in doubt. */
  readonly error?: Value;
  /** What its signal aborts with. */
  readonly reason: Error;
  /** Its result, if its own time was over or it is in doubt. */
  readonly result: AttemptResult | undefined;
}

/** Its own time is over. */
export function ownTimeout(node: string, timeoutMs: number): AttemptStop {
  const reason = timeoutError(node, timeoutMs);
  return { why: 'timeout', reason, result: { status: 'timeout', error: canonicalValue(reason, 'error') } };
}

/** An effect of it is in doubt. */
export function inDoubt(error: Value): AttemptStop {
  return { why: 'doubt', error, reason: new Error(again.doubt), result: { status: 'failed', error } };
}

/** It is stopped from outside. `stop`: that of its run. */
export function stoppedBy(reason: Error, stop: Stop | undefined): AttemptStop {
  const common = { reason, result: undefined };
  if (stop?.kind === 'ended')
    return { why: stop.end.status === 'cancelled' ? 'cancel' : 'limit', end: stop.end, ...common };
  return { why: codeOf(reason as unknown as Value) === 'node-timeout' ? 'timeout' : 'failure', ...common };
}

const again = {
  timeout: 'the attempt around it took too long',
  failure: 'a task of a lower rank failed',
  cancel: 'the run is being cancelled',
  limit: 'the run has reached a limit',
  doubt: 'an effect of the attempt is in doubt',
} as const;

/** It was stopped before its process died. */
export function stoppedBefore({ why, error, isTimeout }: StoppedBefore, { name, policy }: NodeSpec): AttemptStop {
  if (error !== undefined) return inDoubt(error);
  return isTimeout
    ? ownTimeout(name, policy.timeoutMs ?? 0)
    : { why, reason: new Error(again[why]), result: undefined };
}

export function stopEntry(at: AttemptKey, node: string, stop: AttemptStop, time: number): StopEntry {
  return { kind: 'stop', at, node, ...stopFacts(stop, time) };
}

export function stopFacts(
  { why, end, error }: AttemptStop,
  time: number,
): Pick<StopEntry, 'why' | 'end' | 'error' | 'observed'> {
  const facts = { ...(end === undefined ? {} : { end }), ...(error === undefined ? {} : { error }) };
  return { why, ...facts, observed: { time } };
}
