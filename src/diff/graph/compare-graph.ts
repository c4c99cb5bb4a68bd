// Compares the descriptions of two graphs, part by part.
//   G1. There is no change if and only if the descriptions are equal.
//   G2. Changes of parts come in declared order, parts of the recorded graph first; changes of order come last.
import { sameValue } from '../../base/equal.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { GraphDescription } from '../../journal/description.ts';
import type { GraphChange, GraphPart, OrderChange, PartChange } from './graph-change.ts';
import { firstDifference } from '../value/value-difference.ts';

interface ValuedPart {
  readonly part: GraphPart;
  readonly value: Value;
}

/** By key: equal keys mean the same part of both graphs. */
type Parts = ReadonlyMap<string, ValuedPart>;

export function compareGraphs(recorded: GraphDescription, replayed: GraphDescription): readonly GraphChange[] {
  const left = partsOf(recorded);
  const right = partsOf(replayed);
  const keys = [...new Set([...left.keys(), ...right.keys()])];
  return [...keys.flatMap((key) => partChanges(left.get(key), right.get(key))), ...orderChanges(left, right)];
}

function partChanges(left: ValuedPart | undefined, right: ValuedPart | undefined): readonly PartChange[] {
  if (left === undefined || right === undefined) return wholePartChanges(left, right);
  const { part, value: recorded } = left;
  const { value: replayed } = right;
  if (sameValue(recorded, replayed)) return [];
  const found = firstDifference(recorded, replayed, '') ?? { path: '', recorded, replayed };
  return [{ ...part, change: 'changed', ...found }];
}

function wholePartChanges(left: ValuedPart | undefined, right: ValuedPart | undefined): readonly PartChange[] {
  if (left !== undefined)
    return [{ ...left.part, change: 'removed', path: '', recorded: left.value, replayed: undefined }];
  if (right !== undefined)
    return [{ ...right.part, change: 'added', path: '', recorded: undefined, replayed: right.value }];
  return [];
}

/** Ordered by the first part that moved. */
function orderChanges(left: Parts, right: Parts): readonly OrderChange[] {
  const places = new Map([...left.keys()].map((key, place) => [key, place]));
  const placeOf = ({ recorded }: OrderChange): number => places.get(keyOf(recorded)) ?? 0;
  const recorded = listsOf(left, right);
  const replayed = listsOf(right, left);
  return [...recorded]
    .flatMap(([list, parts]) => listChanges(parts, replayed.get(list) ?? []))
    .sort((one, other) => placeOf(one) - placeOf(other));
}

/** The nodes and the edges of each graph, limited to parts that the other side has too. */
function listsOf(parts: Parts, others: Parts): ReadonlyMap<string, readonly GraphPart[]> {
  const lists = new Map<string, GraphPart[]>();
  for (const [key, { part }] of parts) {
    if (!others.has(key) || (part.kind !== 'node' && part.kind !== 'edge' && part.kind !== 'join')) continue;
    const list = JSON.stringify([part.kind === 'node', part.subgraph]);
    const known = lists.get(list);
    if (known === undefined) lists.set(list, [part]);
    else known.push(part);
  }
  return lists;
}

function listChanges(left: readonly GraphPart[], right: readonly GraphPart[]): readonly OrderChange[] {
  const keys = right.map(keyOf);
  const place = left.findIndex((part, index) => keyOf(part) !== keys[index]);
  const recorded = left[place];
  const replayed = right[place];
  if (recorded === undefined || replayed === undefined) return [];
  const names = recorded.kind === 'node' ? [] : reorderedSources(left, right);
  return [{ kind: 'order', change: 'reordered', names, subgraph: recorded.subgraph, recorded, replayed }];
}

function reorderedSources(left: readonly GraphPart[], right: readonly GraphPart[]): readonly string[] {
  const recorded = keysBySource(left);
  const replayed = keysBySource(right);
  return [...recorded].flatMap(([source, keys]) => {
    const others = replayed.get(source) ?? [];
    return keys.every((key, index) => key === others[index]) ? [] : [source];
  });
}

function keysBySource(edges: readonly GraphPart[]): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, string[]>();
  for (const edge of edges) {
    for (const source of edge.names.slice(0, -1)) {
      const known = keys.get(source);
      if (known === undefined) keys.set(source, [keyOf(edge)]);
      else known.push(keyOf(edge));
    }
  }
  return keys;
}

/** An edge and a join with a single source share a key: turning one into the other is a change of that part. */
function keyOf({ kind, names, ordinal, subgraph }: GraphPart): string {
  return JSON.stringify([kind === 'join' ? 'edge' : kind, names, ordinal, subgraph]);
}

function partsOf(graph: GraphDescription): Parts {
  const parts = new Map<string, ValuedPart>();
  addParts(parts, [], graph);
  return parts;
}

function addParts(parts: Map<string, ValuedPart>, subgraph: readonly string[], graph: GraphDescription): void {
  const add = (kind: GraphPart['kind'], names: readonly string[], value: unknown, ordinal = 0): void => {
    const part: GraphPart = { kind, names, ordinal, subgraph };
    parts.set(keyOf(part), { part, value: canonicalValue(value, `the ${kind} of a graph`) });
  };
  add('name', [], graph.name);
  if (graph.version !== undefined) add('version', [], graph.version);
  if (graph.schemas !== undefined) add('schemas', [], graph.schemas);
  add('start', [], graph.start);
  if (graph.state.kind === 'function') add('state', [], graph.state);
  else for (const [name, field] of Object.entries(graph.state.fields)) add('field', [name], field);
  for (const { subgraph: inner, ...node } of graph.nodes) {
    add('node', [node.name], node);
    if (inner !== undefined) addParts(parts, [...subgraph, node.name], inner);
  }
  const counts = new Map<string, number>();
  for (const edge of graph.edges) {
    const names = edge.kind === 'edge' ? [edge.from, edge.to] : [...edge.from, edge.to];
    const ends = JSON.stringify(names);
    const ordinal = counts.get(ends) ?? 0;
    counts.set(ends, ordinal + 1);
    add(edge.kind, names, edge, ordinal);
  }
}
