// A graph as a Mermaid flowchart; the nodes that a run came to are marked with their steps.
import type { GraphDescription, NodeDescription } from '../journal/description.ts';

/** By node name: the steps in which it ran. Of subgraphs only the node itself is marked. */
export type RunPath = ReadonlyMap<string, readonly number[]>;

const shownStepsMax = 6;

export function mermaidText(graph: GraphDescription, path?: RunPath): string {
  const ids = new Map(graph.nodes.map((node, index) => [node.name, `n${index}`]));
  const idOf = (name: string): string => ids.get(name) ?? 'missing';
  const lines = ['flowchart TD', `  start(( )) --> ${idOf(graph.start)}`];
  for (const node of graph.nodes) lines.push(...nodeLines(node, idOf(node.name), path?.get(node.name), '  '));
  let joinCount = 0;
  for (const edge of graph.edges) {
    if (edge.kind === 'edge') {
      const label = edge.label ?? (edge.conditional ? 'if' : undefined);
      const arrow = edge.conditional ? '-.->' : '-->';
      lines.push(`  ${idOf(edge.from)} ${arrow}${label === undefined ? '' : `|"${escaped(label)}"|`} ${idOf(edge.to)}`);
    } else {
      const join = `join${joinCount}`;
      joinCount += 1;
      lines.push(
        `  ${join}{{"all"}}`,
        ...edge.from.map((from) => `  ${idOf(from)} --> ${join}`),
        `  ${join} --> ${idOf(edge.to)}`,
      );
    }
  }
  for (const node of graph.nodes)
    if (node.onError !== undefined) lines.push(`  ${idOf(node.name)} -. "on error" .-> ${idOf(node.onError)}`);
  const taken = graph.nodes.filter((node) => path?.has(node.name) === true).map((node) => idOf(node.name));
  if (taken.length > 0) lines.push('  classDef taken stroke-width:3px,stroke:#2a7', `  class ${taken.join(',')} taken`);
  return `${lines.join('\n')}\n`;
}

function nodeLines(
  node: NodeDescription,
  id: string,
  steps: readonly number[] | undefined,
  indent: string,
): readonly string[] {
  const label = escaped(node.name) + stepsText(steps);
  if (node.subgraph === undefined) return [`${indent}${id}${node.takesInput ? `[/"${label}"/]` : `["${label}"]`}`];
  const inner = node.subgraph;
  const innerIds = new Map(inner.nodes.map((child, index) => [child.name, `${id}_${index}`]));
  const innerEdges = inner.edges.flatMap((edge) =>
    (typeof edge.from === 'string' ? [edge.from] : edge.from).map(
      (from) => `${indent}  ${innerIds.get(from)} --> ${innerIds.get(edge.to)}`,
    ),
  );
  return [
    `${indent}subgraph ${id} ["${label}"]`,
    ...inner.nodes.flatMap((child) => nodeLines(child, innerIds.get(child.name) as string, undefined, `${indent}  `)),
    ...innerEdges,
    `${indent}end`,
  ];
}

function stepsText(steps: readonly number[] | undefined): string {
  if (steps === undefined || steps.length === 0) return '';
  const shown = steps.slice(0, shownStepsMax).join(', ');
  return `<br/>step ${shown}${steps.length > shownStepsMax ? ' …' : ''}`;
}

/** Mermaid takes HTML entities in quoted labels, without the leading ampersand of HTML. */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N} _.,-]/gu, (character) => `#${character.codePointAt(0)};`);
}
