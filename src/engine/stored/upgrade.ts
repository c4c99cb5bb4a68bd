// A run that goes on with another version of its graph.
//   U1. What the run still has to pass has to be as it was: its nodes (but for attempts, times and limits), edges and joins,
//       and every field of the state.
//   U2. The state is brought over once, and that is journaled. That the code of a node changed cannot be seen.
import { RepriseError } from '../../base/error.ts';
import { canonicalRecord, canonicalValue, ownView } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { compareGraphs } from '../../diff/compare-graph.ts';
import { graphDivergences } from '../../diff/graph-divergence.ts';
import type { GraphSpec } from '../../graph/spec.ts';
import type { GraphDescription, StateDescription } from '../../journal/description.ts';
import type { EditEntry } from '../../journal/entry.ts';
import { stepKey } from '../../journal/key.ts';
import { makePatch } from '../../journal/fold/patch.ts';
import { isRecordValue } from '../../journal/record-value.ts';
import type { RunFold } from '../../journal/fold/run-fold.ts';

/** What stands against going on, one sentence each; none where nothing does. */
export function upgradeProblems(recorded: GraphDescription, graph: GraphSpec, fold: RunFold): readonly string[] {
  const reachable = reachableNodes(recorded, [
    ...fold.frontier.map(({ node }) => node),
    ...Object.keys(fold.joins ?? {}).flatMap((join) => joinTarget(recorded, Number(join))),
  ]);
  return graphDivergences(compareGraphs(shapeOf(recorded), shapeOf(graph.description))).flatMap(
    ({ path, detail, recorded: before, replayed: after }) => {
      if (path.startsWith('graph.version') || path === 'graph.start') return [];
      if (path.startsWith('graph.state')) return fieldProblem(path, before, after, graph);
      const nodes = [...path.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, name]) => JSON.parse(`"${name}"`) as string);
      const own = (nodes[0] ?? '').split(/ → | \+ /);
      // What is only there now, behind what the run has passed already, is no change to what it has to pass.
      if (before === undefined && wholeNode.test(path)) return [];
      return path === 'graph' || own.some((name) => reachable.has(name)) ? [`${path} ${detail ?? 'was changed'}`] : [];
    },
  );
}

const wholeNode = /\.nodes\["(?:[^"\\]|\\.)*"\]$/;

/** Without what only says how often, how long and how many at once: that may change, to mend a run that failed by it. */
function shapeOf(graph: GraphDescription): GraphDescription {
  const nodes = graph.nodes.map(({ attempts: _attempts, timeoutMs: _timeoutMs, maxConcurrent: _max, ...node }) => {
    const { resumable: _resumable, subgraph, ...shape } = node;
    return subgraph === undefined ? shape : { ...shape, subgraph: shapeOf(subgraph) };
  });
  return { ...graph, nodes };
}

function joinTarget(graph: GraphDescription, join: number): readonly string[] {
  const joins = graph.edges.filter((edge) => edge.kind === 'join');
  return joins[join] === undefined ? [] : [joins[join].to];
}

/** Along edges, joins and error routes. Where a `goto` or a `send` leads is known to the code alone. */
function reachableNodes(graph: GraphDescription, from: readonly string[]): ReadonlySet<string> {
  const found = new Set(from);
  for (const node of found) {
    for (const edge of graph.edges)
      if (edge.kind === 'edge' ? edge.from === node : edge.from.includes(node)) found.add(edge.to);
    const handler = graph.nodes.find(({ name }) => name === node)?.onError;
    if (handler !== undefined) found.add(handler);
  }
  return found;
}

function fieldProblem(path: string, before: Value, after: Value, graph: GraphSpec): readonly string[] {
  // A removed field is kept and not shown; an added one begins with its initial value, or with what `migrate` says.
  if (after === undefined) return [];
  if (before !== undefined) return graph.migrate === undefined ? [`${path} was changed`] : [];
  const isRequired = isRecordValue(after) && after.required === true;
  return isRequired && graph.migrate === undefined ? [`${path} was added, and has no initial value`] : [];
}

/** The edit that brings a state over. @throws RepriseError `migration-failed` */
export function upgradeEdit(fold: RunFold, graph: GraphSpec, now: number): EditEntry {
  const { run, state, step } = fold;
  const migrated =
    graph.migrate === undefined ? withNewFields(state, graph.description.state) : migratedState(fold, graph);
  return {
    kind: 'edit',
    at: stepKey('', step),
    by: 'migrate',
    patch: makePatch(state, migrated) ?? { kind: 'record', changed: {}, removed: [] },
    graph: graph.description,
    fingerprint: graph.fingerprint,
    ...(run?.graph.version === undefined ? {} : { from: run.graph.version }),
    observed: { time: now },
  };
}

function withNewFields(state: Value, description: StateDescription): Value {
  if (description.kind !== 'fields' || !isRecordValue(state)) return state;
  const added = Object.entries(description.fields).filter(([name]) => !Object.hasOwn(state, name));
  if (added.length === 0) return state;
  return canonicalRecord([...Object.entries(state), ...added.map(([name, field]) => [name, field.initial] as const)]);
}

function migratedState(fold: RunFold, graph: GraphSpec): Value {
  try {
    const migrated = graph.migrate?.(ownView(fold.state) as never, fold.run?.graph.version as never);
    return canonicalValue(migrated, 'what migrate returned');
  } catch (cause) {
    throw new RepriseError('migration-failed', `migrate of graph "${graph.name}" could not bring the state over`, {
      nextStep:
        'It gets the frozen state and the version that the run was begun with, and returns the whole new state.',
      cause,
      fields: { from: fold.run?.graph.version, to: graph.description.version },
    });
  }
}
