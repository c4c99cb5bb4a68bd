// Where a run pauses without asking anything.
//   B1. It pauses between two steps, and once at each place: a resume by somebody who saw it paused continues it.
//   B2. It never pauses before the step with which it begins.
//   B3. Only somebody who saw it paused continues it: a process that takes it over pauses where the other one would have.
import type { Entry, RunEntry, TaskSpec } from '../entry.ts';
import type { RunTerms } from '../run-facts.ts';
import { isBeside } from '../entry.ts';

/** A run between two steps. */
export interface StepBoundary {
  readonly step: number;
  readonly frontier: readonly TaskSpec[];
  /** The nodes of the step, where they matter. */
  readonly ran?: readonly string[] | undefined;
}

/** The nodes of a step, if the run may pause after some. */
export function ranNodes(terms: RunTerms | undefined, tasks: readonly TaskSpec[]): readonly string[] | undefined {
  if (terms?.pauseAfter === undefined || terms.pauseAfter.length === 0) return undefined;
  return [...new Set(tasks.map(({ node }) => node))];
}

/** The breakpoint at which a run pauses now, if any. */
export function breakpointAt(
  { observed: { terms, parent } }: RunEntry,
  { step, frontier, ran }: StepBoundary,
): string | undefined {
  if (terms === undefined || frontier.length === 0) return undefined;
  if (step <= (parent?.step ?? 0) || step <= (terms.passed ?? 0)) return undefined;
  const before = frontier.find(({ node }) => terms.pauseBefore?.includes(node));
  if (before !== undefined) return `before ${before.node}`;
  const after = ran?.find((node) => terms.pauseAfter?.includes(node));
  return after === undefined ? undefined : `after ${after}`;
}

/** Whether the step that follows a boundary has begun: something of it is in the journal. */
export function hasBegun(openStep: readonly Entry[]): boolean {
  return openStep.some((entry) => !isBeside(entry) && entry.kind !== 'edit');
}
