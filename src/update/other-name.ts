import { RepriseError } from '../base/error.ts';
import { hasSameNodes } from '../diff/graph/renamed-nodes.ts';
import type { AnyGraph } from '../graph/built-graph.ts';
import type { Fixture } from '../store/fixture/open-fixture.ts';

/** Of a graph with another name, nodes of the same names are what tells it from any other graph. */
export function checkNodes({ name, spec }: AnyGraph, { path, run }: Fixture): void {
  const recorded = run.graph.name;
  if (recorded === name || hasSameNodes(run.graph, spec.description)) return;
  throw new RepriseError(
    'fixture-other-graph',
    `${path} was recorded with graph "${recorded}", and the nodes of "${name}" are not its nodes`,
    {
      nextStep: 'If it was renamed, accept the name first, with the nodes as they were, and their change after that.',
      fields: { recorded, given: name },
    },
  );
}
