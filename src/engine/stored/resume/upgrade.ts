// Resumes a run with another version of its graph. The state is migrated once, and the journal holds the result.
import { RepriseError } from '../../../base/error.ts';
import { ownView } from '../../../base/own-view.ts';
import { canonicalRecord, canonicalValue } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import type { GraphChange } from '../../../diff/graph/graph-change.ts';
import { graphChangeText, partPath } from '../../../diff/graph/graph-divergence.ts';
import type { GraphSpec } from '../../../graph/spec.ts';
import type { GraphDescription, StateDescription } from '../../../journal/description.ts';
import type { EditEntry } from '../../../journal/entry.ts';
import { rankOfTask, stepKey } from '../../../journal/key.ts';
import { makePatch } from '../../../journal/fold/patch.ts';
import { isRecordValue } from '../../../journal/record-value.ts';
import type { RunFold } from '../../../journal/fold/run-fold.ts';
import { codeOf } from '../../rules/failure.ts';
import { findUpgradeProblems } from './upgrade-rules.ts';
import type { Stuck, UpgradeProblem } from './upgrade-rules.ts';

/** What stops a run from resuming with this graph, one sentence each. */
export function upgradeProblems(recorded: GraphDescription, graph: GraphSpec, fold: RunFold): readonly string[] {
  const migrate = graph.migrate === undefined ? 'none' : 'given';
  const { frontier, joins } = fold;
  return findUpgradeProblems(recorded, graph.description, { frontier, joins, stuck: stuckOf(fold) }, migrate).map(
    problemText,
  );
}

function stuckOf({ end, frontier }: RunFold): Stuck | undefined {
  if (end?.status !== 'failed' || codeOf(end.error) !== 'no-progress') return undefined;
  return { node: end.task === undefined ? undefined : frontier[rankOfTask(end.task)]?.node };
}

function problemText(problem: UpgradeProblem): string {
  switch (problem.kind) {
    case 'change':
      return changeText(problem.change);
    case 'join':
      return `${partPath(problem.join)} has moved among the joins`;
    case 'lost':
      return `the run is stuck at ${partPath(problem.join)}, and neither a join nor an edge without a condition leads on from there`;
  }
}

function changeText(change: GraphChange): string {
  const isNewField = change.kind === 'field' && change.change === 'added' && change.subgraph.length === 0;
  return isNewField ? `${graphChangeText(change)} without an initial value` : graphChangeText(change);
}

/** The edit that migrates the state. @throws RepriseError `migration-failed` */
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
    throw new RepriseError('migration-failed', `migrate of graph "${graph.name}" failed`, {
      nextStep:
        '`migrate` gets the frozen state and the version that the run began with, and returns the whole new state.',
      cause,
      fields: { from: fold.run?.graph.version, to: graph.description.version },
    });
  }
}
