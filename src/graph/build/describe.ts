// A graph as data: the part of it that can be written down. Never the source of a function, so that moving code changes
// nothing.
import { canonicalText } from '../../base/canonical-json.ts';
import { digestOf } from '../../base/digest.ts';
import { encodeValue } from '../../base/encode.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type {
  EdgeDescription,
  GraphDescription,
  NodeDescription,
  StateDescription,
} from '../../journal/description.ts';
import type { Draft, DraftEdge, DraftNode } from './draft.ts';
import type { StateSpec } from '../spec.ts';

/** A canonical value, so that a journal can hold it as it is. */
export function describeGraph(draft: Draft, start: string): GraphDescription {
  const description: GraphDescription = {
    name: draft.name,
    ...(draft.version === undefined ? {} : { version: draft.version }),
    ...describeSchemas(draft),
    state: describeState(draft.state),
    nodes: draft.nodes.map((node) => describeNode(node, draft.inputs.has(node.name))),
    edges: draft.edges.map(describeEdge),
    start,
  };
  return canonicalValue(description, 'graph') as unknown as GraphDescription;
}

/** Differs for graphs with different descriptions, and only for those. */
export function fingerprintOf(description: GraphDescription): string {
  return digestOf(canonicalText(encodeValue(description as unknown as Value)));
}

function describeSchemas({ inputSchema, state }: Draft): Pick<GraphDescription, 'schemas'> {
  const schemas = [
    ...(inputSchema === undefined ? [] : (['input'] as const)),
    ...(state.schema === undefined ? [] : (['state'] as const)),
  ];
  return schemas.length === 0 ? {} : { schemas };
}

function describeState(state: StateSpec): StateDescription {
  if (state.kind === 'function') return { kind: 'function', initial: state.initial };
  return {
    kind: 'fields',
    fields: Object.fromEntries([...state.fields].map(([name, field]) => [name, field.description])),
  };
}

function describeNode(node: DraftNode, takesInput: boolean): NodeDescription {
  const { retry, timeoutMs, maxConcurrent, onError, resumable, emptyRoute } = node.policy;
  return {
    name: node.name,
    takesInput,
    ...(retry === undefined ? {} : { attempts: retry.attempts }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
    ...(onError === undefined ? {} : { onError }),
    ...(resumable === true ? { resumable } : {}),
    ...(emptyRoute === undefined ? {} : { emptyRoute }),
    ...(node.kind === 'subgraph' ? { subgraph: node.graph.description } : {}),
  };
}

function describeEdge(edge: DraftEdge): EdgeDescription {
  if (edge.kind === 'join') return { kind: 'join', from: edge.from, to: edge.to };
  const { from, to, when, label } = edge;
  return { kind: 'edge', from, to, conditional: when !== undefined, ...(label === undefined ? {} : { label }) };
}
