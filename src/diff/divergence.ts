// A divergence is data: what differs, where, and the two values. How it is shown is up to the report.
import type { Value } from '../base/value.ts';

/** The part of a run that differs: what it asked for, what came back, or what became of it. */
export type DivergenceKind =
  /** The graph's description differs: a node, an edge, a field. */
  | 'graph'
  /** The same effect was requested with different arguments. */
  | 'request'
  /** Requested now, but not recorded. */
  | 'missing effect'
  /** Recorded, but not requested now. */
  | 'unused effect'
  /** A task inside an attempt was opened in only one of the runs, or ended differently. */
  | 'task'
  /** The outside answered differently; only when two runs are compared. */
  | 'answer'
  | 'output'
  | 'route'
  /** A streaming node yielded a different chunk, or more or fewer of them; `chunks[n]` is the place. */
  | 'chunk'
  | 'event'
  /** An attempt or the run ended differently: it failed or not, or with a different error. */
  | 'error'
  | 'conflict'
  | 'state'
  | 'frontier';

/** Always recorded first, then replayed. */
export interface Divergence {
  readonly kind: DivergenceKind;
  /** The recorded key of the attempt, task or step; the replayed key if nothing was recorded. */
  readonly at: string;
  readonly step: number;
  readonly node?: string;
  /** The path of the task inside the attempt, if it is about one. */
  readonly task?: string;
  /** The address of the effect. An effect that was not recorded gets an address under the recorded attempt too. */
  readonly address?: string;
  /** The path in the value: `delta.findings[1].text`, `state.tokens`. */
  readonly path: string;
  readonly recorded: Value;
  readonly replayed: Value;
  /** Further places of the same request, answer or event that differ: the first few. */
  readonly also?: readonly string[];
  /** What the two values alone do not show. */
  readonly detail?: string;
  /** The frames of what a node threw in the replayed run, if they are known. */
  readonly stack?: string;
  /** The state was changed from outside there. */
  readonly isEdited?: true;
  /** The index in the list of an earlier divergence that this one follows from. */
  readonly follows?: number;
}

/** A divergence without its place in the run, which the caller of a comparison adds. */
export type Found = Omit<Divergence, 'at' | 'step' | 'node' | 'follows'>;
