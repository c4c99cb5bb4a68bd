// Checks the parts of a run entry that the header of a fixture holds as well: graph, seed, and the rules of its requests.
import { MalformedValue } from '../../base/encode.ts';
import type { Value } from '../../base/value.ts';
import type { FieldKind } from '../description.ts';
import { endpointPattern } from '../http/endpoint-pattern.ts';
import { count, list, oneOf, record, show, text } from './checked-value.ts';
import type { Fields } from './checked-value.ts';
import { checkVersions } from './later-release.ts';

/** @throws MalformedValue */
export function checkRunEntry(fields: Fields): void {
  // What a later release writes may have another shape.
  checkVersions(fields);
  checkGraph(fields.graph);
  text(fields.fingerprint, 'fingerprint');
  count(fields.semantics, 'semantics');
  text(fields.seed, 'seed');
  if (fields.rules !== undefined) checkRules(record(fields.rules, 'rules'));
}

function checkRules({ headers, drawn, moreHeaders = [], origins = {}, outside }: Fields): void {
  count(headers, 'rules.headers');
  if (drawn !== undefined) count(drawn, 'rules.drawn');
  for (const name of list(moreHeaders, 'rules.moreHeaders')) text(name, 'rules.moreHeaders');
  for (const alias of Object.values(record(origins, 'rules.origins')))
    for (const origin of list(alias, 'rules.origins')) text(origin, 'rules.origins');
  if (outside !== undefined) checkOutside(record(outside, 'rules.outside'));
}

function checkOutside({ listed, more = [], without = [] }: Fields): void {
  count(listed, 'rules.outside.listed');
  for (const item of list(more, 'rules.outside.more')) {
    const { url, kind, answer } = record(item, 'rules.outside.more');
    const pattern = text(url, 'rules.outside.more.url');
    if (endpointPattern(pattern) === undefined)
      throw new MalformedValue(`${show(pattern)} is no pattern of an address`);
    oneOf(kind, ['telemetry', 'credential'], 'rules.outside.more.kind');
    if (answer !== undefined) text(answer, 'rules.outside.more.answer');
  }
  for (const name of list(without, 'rules.outside.without')) text(name, 'rules.outside.without');
}

const graphDepthMax = 100;
const fieldKinds: readonly FieldKind[] = [
  'last',
  'append',
  'sum',
  'min',
  'max',
  'union',
  'merge',
  'upsert',
  'text',
  'reduce',
];

/** Without `depth`, a graph that is not inside another one. @throws MalformedValue */
export function checkGraph(value: Value, depth = 0): void {
  if (depth > graphDepthMax) throw new MalformedValue('graphs are nested too deep');
  const graph = record(value, 'graph');
  text(graph.name, 'graph.name');
  text(graph.start, 'graph.start');
  for (const node of list(graph.nodes, 'graph.nodes')) checkNode(record(node, 'a node'), depth);
  for (const edge of list(graph.edges, 'graph.edges')) checkEdge(record(edge, 'an edge'));
  const state = record(graph.state, 'graph.state');
  if (oneOf(state.kind, ['fields', 'function'], 'graph.state.kind') === 'function') return;
  for (const field of Object.values(record(state.fields, 'graph.state.fields'))) checkField(record(field, 'a field'));
}

function checkNode(node: Fields, depth: number): void {
  text(node.name, 'name of a node');
  if (node.onError !== undefined) text(node.onError, 'onError');
  if (node.emptyRoute !== undefined) oneOf(node.emptyRoute, ['edges'], 'emptyRoute');
  if (node.subgraph !== undefined) checkGraph(node.subgraph, depth + 1);
}

function checkEdge(edge: Fields): void {
  text(edge.to, 'end of an edge');
  if (oneOf(edge.kind, ['edge', 'join'], 'kind of an edge') === 'edge') text(edge.from, 'beginning of an edge');
  else for (const from of list(edge.from, 'beginnings of a join')) text(from, 'beginning of a join');
}

function checkField(field: Fields): void {
  oneOf(field.kind, fieldKinds, 'kind of a field');
  if (typeof field.required !== 'boolean') throw new MalformedValue('a field does not say whether it is required');
  if (field.key !== undefined) text(field.key, 'key of a field');
}
