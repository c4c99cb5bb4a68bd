import { errandKind, errandPlace } from '../journal/errand.ts';
import type { WaitingErrand } from '../port/errands.ts';
import type { RunSummary } from '../port/store.ts';

/** What the summary of an errand says of it. */
export function waitingErrand({ runId: errandId, graph: name, updatedAt }: RunSummary): WaitingErrand {
  const { runId, at } = errandPlace(errandId);
  const { graph, node } = errandKind(name);
  return { errandId, runId, at, graph, node, since: updatedAt };
}
