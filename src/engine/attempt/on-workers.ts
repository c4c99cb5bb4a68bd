import { RepriseError } from '../../base/error.ts';
import type { NodeSpec } from '../../graph/spec.ts';

/**
 * What is sent to a run reaches the process that drives it. Refused wherever the task runs, so that it is the same everywhere.
 */
export function refuseOnWorkers({ name, policy }: NodeSpec, what: string): void {
  if (policy.on === undefined) return;
  throw new RepriseError('not-on-workers', `node "${name}" cannot ${what}, since its tasks run on workers`, {
    nextStep: "Do it in a node before this one, or leave out `on: 'workers'`.",
    fields: { node: name },
  });
}
