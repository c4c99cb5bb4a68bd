// Maps state into and out of a subgraph. An inner state never merges by itself.
import { RepriseError } from '../../base/error.ts';
import { ownView } from '../../base/own-view.ts';
import type { Value } from '../../base/value.ts';
import type { NodeSpec } from '../../graph/spec.ts';

type SubgraphNode = NodeSpec & { readonly kind: 'subgraph' };

/** @throws RepriseError `mapping-failed` */
export function innerInput(node: SubgraphNode, state: Value, payload: Value): unknown {
  return mapped(node.name, 'input', () =>
    node.input(ownView(state) as never, Object.freeze({ input: ownView(payload) }) as never),
  );
}

/** @throws RepriseError `mapping-failed` */
export function outerDelta(node: SubgraphNode, innerState: Value): unknown {
  return mapped(node.name, 'output', () => node.output(ownView(innerState) as never));
}

function mapped(node: string, which: 'input' | 'output', map: () => unknown): unknown {
  try {
    return map();
  } catch (cause) {
    throw new RepriseError('mapping-failed', `the ${which} function of subgraph "${node}" threw an error`, {
      nextStep: 'It gets a frozen state and must return plain data.',
      cause,
      fields: { node, which },
    });
  }
}
