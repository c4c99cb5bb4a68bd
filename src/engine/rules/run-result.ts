// The result of a run, as a caller gets it.
import type { Value } from '../../base/value.ts';
import type { AnyRun, RunNote } from '../../graph/types/run-types.ts';
import type { RunEnd } from '../../journal/entry.ts';
import type { Question } from '../../journal/step/question.ts';
import type { TaskKey } from '../../journal/key.ts';
import { runError } from './failure.ts';

export interface ResultParts {
  readonly runId: string;
  readonly state: Value;
  readonly steps: number;
  readonly end:
    | RunEnd
    | { readonly status: 'interrupted' }
    | {
        readonly status: 'paused';
        readonly questions: readonly Question[];
        readonly signals?: readonly string[];
        readonly wakeAt?: number;
      };
  readonly failedNode?: string;
  readonly detached: readonly TaskKey[];
  readonly notes: readonly RunNote[];
}

export function runResult({ runId, state, steps, end, failedNode, detached, notes }: ResultParts): AnyRun {
  const base = { id: runId, state, steps, detached, notes };
  switch (end.status) {
    case 'done':
      return Object.freeze({ ...base, status: 'done' });
    case 'failed':
      return Object.freeze({ ...base, status: 'failed', error: runError(end.error, end.task, failedNode, runId) });
    case 'cancelled':
      return Object.freeze({ ...base, status: 'cancelled', reason: end.reason });
    case 'paused':
      return Object.freeze({ ...base, ...end });
    case 'interrupted':
      return Object.freeze({ ...base, status: 'interrupted' });
  }
}
