import { checkDelta } from '../../graph/merge/merge-step.ts';
import type { GraphSpec, NodeSpec } from '../../graph/spec.ts';
import type { AttemptResult } from '../../journal/entry.ts';
import { errorValue } from './failure.ts';

/** A result that counts instead of the attempt's own may come from other code, so it is checked in the same way. */
export function countedResult(
  given: AttemptResult,
  counts: AttemptResult | undefined,
  graph: GraphSpec,
  node: NodeSpec,
): AttemptResult | undefined {
  if (counts === given || counts?.status !== 'done' || counts.delta === undefined) return counts;
  try {
    checkDelta(graph.state, counts.delta, node.name);
    return counts;
  } catch (thrown) {
    return { status: 'failed', error: errorValue(thrown, node.name) };
  }
}
