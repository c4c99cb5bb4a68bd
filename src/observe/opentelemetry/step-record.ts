// What is kept of a step until it is over, as a tree: its tasks, their attempts, what the attempts did, and the steps
// that ran inside them. No request or answer is kept, only what a span will say about it.
import type { Attributes } from '@opentelemetry/api';
import { attemptOfCleanUp, keyNumbers } from '../../journal/key.ts';
import type { AttemptKey } from '../../journal/key.ts';
import type { ObservedError } from '../observed-error.ts';

export interface EffectRecord {
  readonly name: string;
  readonly isClient: boolean;
  readonly attributes: Attributes;
  readonly began: number;
  readonly ended: number;
  readonly error?: ObservedError;
}

export interface EventRecord {
  readonly name: string;
  readonly attributes: Attributes;
  readonly time: number;
}

/** The inner run of an attempt, or the run itself: its steps by number, and when the last of them was committed. */
export interface ScopeRecord {
  readonly steps: Map<number, StepRecord>;
  lastCommit: number | undefined;
}

export interface AttemptRecord {
  readonly key: string;
  readonly number: number;
  readonly effects: EffectRecord[];
  readonly events: EventRecord[];
  readonly inner: ScopeRecord;
  node: string;
  chunks: number;
  /** Undefined if the attempt was stopped: then it has no outcome. */
  began: number | undefined;
  ended: number | undefined;
  status: 'done' | 'failed' | 'timeout' | 'stopped';
  error: ObservedError | undefined;
}

export interface TaskRecord {
  readonly key: string;
  readonly attempts: Map<number, AttemptRecord>;
}

export interface StepRecord {
  readonly key: string;
  readonly tasks: Map<number, TaskRecord>;
  /** Undefined for the first step of a run that began elsewhere. */
  readonly began: number | undefined;
  ended: number | undefined;
}

export function newScope(): ScopeRecord {
  return { steps: new Map(), lastCommit: undefined };
}

/**
 * The record of an attempt. It and everything that encloses it are created if missing. What cleans up belongs to its
 * attempt.
 */
export function attemptAt(root: ScopeRecord, at: string): AttemptRecord {
  const key = attemptOfCleanUp(at as AttemptKey);
  let scope = root;
  for (let end = key.indexOf('/'); ; end = key.indexOf('/', end + 1)) {
    const attempt = innerAttempt(scope, end < 0 ? key : key.slice(0, end));
    if (end < 0) return attempt;
    scope = attempt.inner;
  }
}

/** The scope that contains the step, and the step's number in it. */
export function scopeAt(root: ScopeRecord, stepKey: string): { readonly scope: ScopeRecord; readonly step: number } {
  const slash = stepKey.lastIndexOf('/');
  const scope = slash < 0 ? root : attemptAt(root, stepKey.slice(0, slash)).inner;
  return { scope, step: keyNumbers(stepKey).at(-1) as number };
}

function innerAttempt(scope: ScopeRecord, key: string): AttemptRecord {
  const [step, rank, attempt] = keyNumbers(key).slice(-3) as [number, number, number];
  const taskKey = key.slice(0, key.lastIndexOf('#'));
  const inStep = made(scope.steps, step, () => ({
    key: taskKey.slice(0, taskKey.lastIndexOf('.')),
    tasks: new Map(),
    began: scope.lastCommit,
    ended: undefined,
  }));
  const task = made(inStep.tasks, rank, () => ({ key: taskKey, attempts: new Map() }));
  return made(task.attempts, attempt, () => newAttempt(key, attempt));
}

function newAttempt(key: string, number: number): AttemptRecord {
  return {
    key,
    number,
    effects: [],
    events: [],
    inner: newScope(),
    node: '?',
    chunks: 0,
    began: undefined,
    ended: undefined,
    status: 'stopped',
    error: undefined,
  };
}

function made<Kind>(records: Map<number, Kind>, number: number, make: () => Kind): Kind {
  const record = records.get(number) ?? make();
  records.set(number, record);
  return record;
}
