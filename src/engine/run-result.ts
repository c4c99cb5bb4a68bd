// What a caller gets of a run.
import type { RepriseError } from '../base/error.ts';
import type { Value } from '../base/value.ts';
import type { RunEnd } from '../journal/entry.ts';
import type { TaskKey } from '../journal/key.ts';
import { runError } from './failure.ts';
import type { Note } from './notes.ts';

interface RunBase {
  readonly id: string;
  /** The last committed state. */
  readonly state: unknown;
  /** How many steps were committed, those of subgraphs not counted. */
  readonly steps: number;
  /** Tasks whose code still ran when the run had ended: it ignored its signal for longer than `graceMs`. */
  readonly detached: readonly string[];
  /** What was noticed beside the journal. */
  readonly notes: readonly Note[];
}

export type AnyRun =
  | (RunBase & { readonly status: 'done' })
  | (RunBase & { readonly status: 'failed'; readonly error: RepriseError })
  | (RunBase & { readonly status: 'cancelled'; readonly reason: unknown })
  /** This process let go of it; it can be resumed. */
  | (RunBase & { readonly status: 'interrupted' });

export interface ResultParts {
  readonly runId: string;
  readonly state: Value;
  readonly steps: number;
  readonly end: RunEnd | { readonly status: 'interrupted' };
  readonly failedNode?: string;
  readonly detached: readonly TaskKey[];
  readonly notes: readonly Note[];
}

export function runResult({ runId, state, steps, end, failedNode, detached, notes }: ResultParts): AnyRun {
  const base = { id: runId, state, steps, detached, notes };
  switch (end.status) {
    case 'done':
      return Object.freeze({ ...base, status: 'done' });
    case 'failed':
      return Object.freeze({ ...base, status: 'failed', error: runError(end.error, end.task, failedNode) });
    case 'cancelled':
      return Object.freeze({ ...base, status: 'cancelled', reason: end.reason });
    case 'interrupted':
      return Object.freeze({ ...base, status: 'interrupted' });
  }
}
