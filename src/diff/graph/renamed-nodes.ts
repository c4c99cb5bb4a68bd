// Finds nodes that have another name today: those that are gone, and stand where a new one stands.
import { canonicalTextOf } from '../../base/canonical-json.ts';
import { canonicalValue } from '../../base/value.ts';
import type { GraphDescription, NodeDescription } from '../../journal/description.ts';
import type { NodeNames } from '../../journal/run/renamed-nodes.ts';

/** Today's names by recorded ones. */
export function renamedNodes(recorded: GraphDescription, today: GraphDescription): NodeNames {
  const names = new Map<string, string>();
  addRenamed(names, recorded, today);
  // The names hold in all graphs of a run, so one that another of them still has is left alone.
  for (const name of namesIn(today)) names.delete(name);
  return names;
}

/** Whether two graphs, whatever their own names, have nodes of the same names. */
export function hasSameNodes(recorded: GraphDescription, today: GraphDescription): boolean {
  const [before, now] = [new Set(namesIn(recorded)), new Set(namesIn(today))];
  return before.size === now.size && [...before].every((name) => now.has(name));
}

function namesIn(graph: GraphDescription): readonly string[] {
  return graph.nodes.flatMap(({ name, subgraph }) => (subgraph === undefined ? [name] : [name, ...namesIn(subgraph)]));
}

/** How closely two nodes have to resemble each other: closest first. */
type Likeness = (node: NodeDescription, graph: GraphDescription, known: ReadonlySet<string>) => string;

function addRenamed(names: Map<string, string>, recorded: GraphDescription, today: GraphDescription): void {
  const before = new Set(recorded.nodes.map(({ name }) => name));
  const now = new Set(today.nodes.map(({ name }) => name));
  const known = new Set([...before].filter((name) => now.has(name)));
  for (const likeness of [withPolicy, byEdges]) {
    const gone = groupsBy(recorded, (name) => !now.has(name) && !names.has(name), likeness, known);
    const taken = new Set(names.values());
    const added = groupsBy(today, (name) => !before.has(name) && !taken.has(name), likeness, known);
    for (const [like, left] of gone) {
      const right = added.get(like) ?? [];
      // Of several that are alike, nobody knows which is which unless each has a partner in its place.
      if (left.length === right.length)
        for (const [place, name] of left.entries()) names.set(name, right[place] as string);
    }
  }
  for (const { name, subgraph } of recorded.nodes) {
    const partner = today.nodes.find((node) => node.name === (names.get(name) ?? name))?.subgraph;
    if (subgraph !== undefined && partner !== undefined) addRenamed(names, subgraph, partner);
  }
}

function groupsBy(
  graph: GraphDescription,
  isMeant: (name: string) => boolean,
  likeness: Likeness,
  known: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const node of graph.nodes) {
    if (!isMeant(node.name)) continue;
    const like = likeness(node, graph, known);
    groups.set(like, [...(groups.get(like) ?? []), node.name]);
  }
  return groups;
}

const byEdges: Likeness = ({ name, takesInput, subgraph }, { edges, start, nodes }, known) => {
  const shown = (other: string): string => (other === name ? 'this' : known.has(other) ? `"${other}"` : 'another');
  const around = edges
    .filter((edge) => edge.to === name || edge.from === name || (edge.kind === 'join' && edge.from.includes(name)))
    .map((edge) => [
      edge.kind,
      edge.kind === 'edge' ? [shown(edge.from)] : edge.from.map(shown),
      shown(edge.to),
      edge.kind === 'edge' && edge.conditional,
    ]);
  const handles = nodes.filter(({ onError }) => onError === name).map((node) => shown(node.name));
  return textOf([takesInput, subgraph !== undefined, start === name, around, handles]);
};

const withPolicy: Likeness = (node, graph, known) => {
  const { name: _name, subgraph: _subgraph, onError, ...policy } = node;
  const handler = onError === undefined || known.has(onError) ? onError : 'another';
  return textOf([byEdges(node, graph, known), policy, handler]);
};

function textOf(value: unknown): string {
  return canonicalTextOf(canonicalValue(value, 'a node'));
}
