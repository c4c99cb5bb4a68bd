// What a task is told of the step that it belongs to, and what it tells.
import type { Value } from '../../base/value.ts';
import type { GraphSpec, NodeSpec } from '../../graph/spec.ts';
import type { AttemptResult } from '../../journal/entry.ts';
import type { AttemptKey } from '../../journal/key.ts';
import type { InnerRun } from '../attempt/attempt.ts';
import type { RunParts } from '../run/run-parts.ts';

export type TaskResult =
  | { readonly kind: 'done'; readonly result: AttemptResult & { readonly status: 'done' }; readonly attempts: number }
  | { readonly kind: 'failed'; readonly error: Value; readonly attempts: number }
  | { readonly kind: 'stopped' };

/** The step that a task belongs to. */
export interface TaskStep {
  readonly parts: RunParts;
  readonly graph: GraphSpec;
  /** The state that all tasks of the step see. */
  readonly state: Value;
  innerRun(at: AttemptKey, node: SubgraphNode, payload: Value): InnerRun;
  /** Called once. */
  taskEnded(rank: number, result: TaskResult): void;
}

export type SubgraphNode = NodeSpec & { readonly kind: 'subgraph' };
