// A graph with other functions in the place of some of its nodes.
import { RepriseError } from '../../base/error.ts';
import { nearestName } from '../../base/nearest-name.ts';
import { anyFunction } from '../../base/options/option-kind.ts';
import { checkArgument } from '../../base/options/option-shape.ts';
import type { FunctionNode, GraphSpec, NodeSpec } from '../spec.ts';

export type Fakes = Readonly<Record<string, unknown>>;

/** The description stays: a run of it reads as one of the same graph. */
export function withFakes(spec: GraphSpec, fakes: Fakes): GraphSpec {
  const nodes = new Map<string, NodeSpec>(spec.nodes);
  for (const [name, run] of Object.entries(fakes)) {
    if (run === undefined) continue;
    checkArgument('with', name, anyFunction, run);
    nodes.set(name, Object.freeze({ ...replaceable(spec, name), run: run as FunctionNode['run'] }));
  }
  return Object.freeze({ ...spec, nodes });
}

function replaceable(spec: GraphSpec, name: string): FunctionNode {
  const node = spec.nodes.get(name);
  if (node?.kind === 'function') return node;
  const nearest = nearestName(name, spec.nodes.keys());
  const what = node === undefined ? 'not a node of it' : 'an inner graph';
  throw new RepriseError('option-invalid', `with: "${name}" of graph "${spec.name}" is ${what}`, {
    nextStep:
      node !== undefined
        ? 'Replace nodes of the inner graph, and build the outer one around it.'
        : nearest === undefined
          ? `Its nodes are ${[...spec.nodes.keys()].join(', ')}.`
          : `Did you mean "${nearest}"?`,
    fields: { graph: spec.name, node: name },
  });
}
