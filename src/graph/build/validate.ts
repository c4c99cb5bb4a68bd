// Repeats the checks of the types when a graph is built: not every caller has types.
import { RepriseError } from '../../base/error.ts';
import { nearestName } from '../../base/nearest-name.ts';
import type { Draft, DraftEdge, DraftNode } from './draft.ts';
import { nameProblem } from '../name.ts';

/** @throws RepriseError `graph-invalid` that names every problem. */
export function validateDraft(draft: Draft): void {
  const names = new Set(draft.nodes.map((node) => node.name));
  const problems = [
    ...nodeProblems(draft),
    ...[...draft.inputs.keys()]
      .filter((name) => !names.has(name))
      .map((name) => `an input is declared for ${unknownNode(name, names)}`),
    ...draft.edges.flatMap((edge) => edgeProblems(draft, edge, names)),
    ...draft.nodes.flatMap((node) => failureProblems(draft, node, names)),
    ...draft.nodes.flatMap(innerProblems),
    ...startProblems(draft, names),
  ];
  if (problems.length === 0) return;
  const [only] = problems;
  const message =
    problems.length === 1
      ? `graph "${draft.name}" is not valid: ${only}`
      : `graph "${draft.name}" has ${problems.length} problems:${problems.map((problem) => `\n  - ${problem}`).join('')}`;
  throw new RepriseError('graph-invalid', message, {
    nextStep: 'Correct the calls of the builder that the message names.',
    fields: { graph: draft.name, problems },
  });
}

function nodeProblems({ nodes }: Draft): readonly string[] {
  const seen = new Set<string>();
  const problems: string[] = [];
  for (const { name } of nodes) {
    const problem = nameProblem(name);
    if (problem !== undefined) problems.push(`the node name ${JSON.stringify(name)} ${problem}`);
    if (seen.has(name)) problems.push(`"${name}" is already a node`);
    seen.add(name);
  }
  return problems;
}

/** What runs inside an attempt runs where that does. */
function innerProblems(node: DraftNode): readonly string[] {
  if (node.kind !== 'subgraph') return [];
  return [...node.graph.nodes.values()]
    .filter(({ policy }) => policy.on !== undefined)
    .map(({ name }) => `"${name}" of subgraph "${node.name}" cannot run on workers: only nodes of the run itself can`);
}

function edgeProblems(draft: Draft, edge: DraftEdge, names: ReadonlySet<string>): readonly string[] {
  const what =
    edge.kind === 'edge'
      ? `edge "${edge.from}" -> "${edge.to}"`
      : `join [${edge.from.map(quote).join(', ')}] -> "${edge.to}"`;
  const sources = edge.kind === 'edge' ? [edge.from] : edge.from;
  const problems = sources
    .filter((name) => !names.has(name))
    .map((name) => `${what} comes from ${unknownNode(name, names)}`);
  if (sources.length === 0) problems.push(`${what} has no source`);
  const twice = sources.find((name, index) => sources.indexOf(name) !== index);
  if (twice !== undefined) problems.push(`${what} names "${twice}" twice`);
  if (!names.has(edge.to)) problems.push(`${what} leads to ${unknownNode(edge.to, names)}`);
  if (draft.inputs.has(edge.to)) problems.push(`${what}: ${needsInput(edge.to)}`);
  return problems;
}

function failureProblems(draft: Draft, { name, policy }: DraftNode, names: ReadonlySet<string>): readonly string[] {
  const { onError } = policy;
  if (onError === undefined) return [];
  if (!names.has(onError)) return [`onError of "${name}" names ${unknownNode(onError, names)}`];
  const spec = draft.inputs.get(onError);
  if (spec !== undefined && 'kind' in spec && spec.kind === 'failure') return [];
  return [
    `onError of "${name}" names "${onError}", which takes no failure: declare it with inputs: { "${onError}": failure() }`,
  ];
}

function startProblems({ starts, inputs }: Draft, names: ReadonlySet<string>): readonly string[] {
  const [start] = starts;
  if (start === undefined) return ['it has no start: call .start(name)'];
  if (starts.length > 1) return [`it has ${starts.length} starts: ${starts.map(quote).join(', ')}`];
  if (!names.has(start)) return [`it starts at ${unknownNode(start, names)}`];
  return inputs.has(start) ? [`it starts at "${start}", but ${needsInput(start)}`] : [];
}

function needsInput(name: string): string {
  return `"${name}" needs an input, so only send("${name}", …) can reach it`;
}

function unknownNode(name: string, names: ReadonlySet<string>): string {
  const nearest = nearestName(String(name), names);
  return `"${name}", which is not a node of this graph${nearest === undefined ? '' : ` (did you mean "${nearest}"?)`}`;
}

function quote(name: string): string {
  return `"${name}"`;
}
