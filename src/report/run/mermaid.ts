// A graph as a Mermaid flowchart. The nodes that a run executed are marked with their steps.
import type { EdgeDescription, GraphDescription, NodeDescription } from '../../journal/description.ts';

/** By node name: the steps in which it ran. For a subgraph, only the node itself is marked. */
export type RunPath = ReadonlyMap<string, readonly number[]>;

const shownStepsMax = 6;

/**
 * A graph as a Mermaid flowchart, which GitHub and many editors draw. With `path` the nodes that ran are marked, each
 * with the steps in which it did; of a subgraph only the node itself is.
 */
export function mermaidText(graph: GraphDescription, path?: RunPath): string {
  const lines = ['flowchart TD', ...scopeLines(graph, '', '  ', path)];
  const taken = graph.nodes.flatMap(({ name }, index) => (path?.has(name) === true ? [`n${index}`] : []));
  if (taken.length > 0) lines.push('  classDef taken stroke-width:3px,stroke:#2a7', `  class ${taken.join(',')} taken`);
  return `${lines.join('\n')}\n`;
}

/** One graph: the whole, or the inside of a subgraph node. `prefix` keeps the ids of inner nodes unique. */
function scopeLines(graph: GraphDescription, prefix: string, indent: string, path?: RunPath): readonly string[] {
  const ids = new Map(graph.nodes.map(({ name }, index) => [name, `${prefix}n${index}`]));
  // A description may come from a file, so a node that it names may be missing.
  const idOf = (name: string): string => ids.get(name) ?? `${prefix}missing`;
  const handled = graph.nodes.flatMap(({ name, onError }) =>
    onError === undefined ? [] : [`${idOf(name)} -. "on error" .-> ${idOf(onError)}`],
  );
  return [
    `${prefix}start(( )) --> ${idOf(graph.start)}`,
    ...graph.nodes.flatMap((node) => nodeLines(node, idOf(node.name), path?.get(node.name))),
    ...graph.edges.flatMap((edge, index) => edgeLines(edge, `${prefix}join${index}`, idOf)),
    ...handled,
  ].map((line) => indent + line);
}

function nodeLines(node: NodeDescription, id: string, steps: readonly number[] | undefined): readonly string[] {
  const label = escaped(node.name) + stepsText(steps);
  if (node.subgraph !== undefined)
    return [`subgraph ${id} ["${label}"]`, ...scopeLines(node.subgraph, `${id}_`, '  '), 'end'];
  return [`${id}${node.takesInput ? `[/"${label}"/]` : `["${label}"]`}`];
}

function edgeLines(edge: EdgeDescription, join: string, idOf: (name: string) => string): readonly string[] {
  if (edge.kind === 'join') {
    const arrivals = edge.from.map((from) => `${idOf(from)} --> ${join}`);
    return [`${join}{{"all"}}`, ...arrivals, `${join} --> ${idOf(edge.to)}`];
  }
  const label = edge.label ?? (edge.conditional ? 'if' : undefined);
  const arrow = edge.conditional ? '-.->' : '-->';
  return [`${idOf(edge.from)} ${arrow}${label === undefined ? '' : `|"${escaped(label)}"|`} ${idOf(edge.to)}`];
}

function stepsText(steps: readonly number[] | undefined): string {
  if (steps === undefined || steps.length === 0) return '';
  const shown = steps.slice(0, shownStepsMax).join(', ');
  return `<br/>step ${shown}${steps.length > shownStepsMax ? ' …' : ''}`;
}

/** In quoted labels, Mermaid accepts HTML entities without the leading ampersand. */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N} _.,-]/gu, (character) => `#${character.codePointAt(0)};`);
}
