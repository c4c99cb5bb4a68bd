// A divergence is data: what differs, where, and the two values. How it is shown is up to the report.
import type { Value } from '../base/value.ts';

export type DivergenceKind =
  /** The graph was described otherwise: a node, an edge, a field. */
  | 'graph'
  /** The same effect was asked for with another request. */
  | 'request'
  /** Asked for now, and not recorded. */
  | 'missing effect'
  /** Recorded, and not asked for now. */
  | 'unused effect'
  /** The outside answered otherwise; only where two runs are compared. */
  | 'answer'
  | 'output'
  | 'route'
  /** A streaming node gave another chunk, one more or one less; `chunks[n]` is the place. */
  | 'chunk'
  | 'event'
  /** An attempt, or the run, ended otherwise: failed or not, or with another error. */
  | 'error'
  | 'conflict'
  | 'state'
  | 'frontier';

/** Always recorded first, then replayed. */
export interface Divergence {
  readonly kind: DivergenceKind;
  /** The key of the attempt, task or step, as it was recorded; as it was replayed where nothing was recorded. */
  readonly at: string;
  readonly step: number;
  readonly node?: string;
  /** The address of the effect in question. One that was not recorded is named under the recorded attempt too. */
  readonly address?: string;
  /** Where in the value: `delta.findings[1].text`, `state.tokens`. */
  readonly path: string;
  readonly recorded: Value;
  readonly replayed: Value;
  /** What the two values do not say by themselves. */
  readonly detail?: string;
  /** The place in the list of an earlier divergence that this one follows from. */
  readonly follows?: number;
}

/** A divergence without its place, which the caller of a comparison adds. */
export type Found = Pick<Divergence, 'kind' | 'path' | 'recorded' | 'replayed' | 'detail' | 'address'>;
