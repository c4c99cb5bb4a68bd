// The inner runs of one step: the state of each after each of its own steps.
import { atOnce } from '../../base/in-pieces.ts';
import { ScopeFold } from '../../diff/compare/scope-fold.ts';
import type { GraphDescription } from '../../journal/description.ts';
import type { Entry, TaskSpec } from '../../journal/entry.ts';
import { attemptKey, stepKey, taskKey } from '../../journal/key.ts';
import type { ScopeKey, StepKey } from '../../journal/key.ts';
import { StepIndex } from '../../journal/step/step-index.ts';
import type { PageScope, PageStep } from './page-model.ts';
import { stateChanges } from './state-changes.ts';
import type { ValueOf } from './state-changes.ts';

export interface StepToOpen {
  readonly graph: GraphDescription;
  readonly step: number;
  /** The tasks of the step. */
  readonly frontier: readonly TaskSpec[];
  readonly entries: readonly Entry[];
}

/** The outer ones first. Nothing is read of a step without subgraphs. */
export function innerScopes({ graph, step, frontier, entries }: StepToOpen, toJson: ValueOf): readonly PageScope[] {
  if (!entries.some(({ kind, at }) => kind === 'commit' && at.includes('/'))) return [];
  const found: PageScope[] = [];
  addScopes(found, { index: StepIndex.of(entries), toJson }, { graph, frontier, at: stepKey('' as ScopeKey, step) });
  return found;
}

interface Reading {
  readonly index: StepIndex;
  readonly toJson: ValueOf;
}

interface Tasks {
  readonly graph: GraphDescription;
  readonly frontier: readonly TaskSpec[];
  readonly at: StepKey;
}

function addScopes(found: PageScope[], reading: Reading, { graph, frontier, at }: Tasks): void {
  for (const [rank, { node }] of frontier.entries()) {
    const inner = graph.nodes.find(({ name }) => name === node)?.subgraph;
    if (inner === undefined) continue;
    for (let number = 1; ; number += 1) {
      const scope = attemptKey(taskKey(at, rank), number);
      const fold = new ScopeFold(scope, inner);
      if (fold.commitIn(reading.index) === undefined && reading.index.attempt(scope) === undefined) break;
      addScope(found, reading, fold);
    }
  }
}

function addScope(found: PageScope[], reading: Reading, fold: ScopeFold): void {
  const { index, toJson } = reading;
  const steps: PageStep[] = [];
  found.push({ at: fold.scope, steps });
  for (let commit = fold.commitIn(index); commit !== undefined; commit = fold.commitIn(index)) {
    const before = fold.step === 0 ? undefined : fold.state;
    const { step } = fold;
    atOnce(fold.advance(index, commit));
    const next = fold.frontier.slice(0, nextShownMax).map(({ node }) => node);
    steps.push({ step, changes: stateChanges(before, fold.state, toJson), notes: [], next });
    addScopes(found, reading, { graph: fold.graph, frontier: fold.frontier, at: fold.at });
  }
}

/** How many of the tasks that come next are named. */
export const nextShownMax = 50;
