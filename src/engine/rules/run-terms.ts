// The terms of a run: what its options say of it for as long as it lives.
import { sameValue } from '../../base/equal.ts';
import { nearestName } from '../../base/nearest-name.ts';
import { RepriseError } from '../../base/error.ts';
import type { Value } from '../../base/value.ts';
import { canonicalValue } from '../../base/value.ts';
import type { GraphSpec } from '../../graph/spec.ts';
import type { RunTerms } from '../../journal/run-facts.ts';
import type { BreakpointOptions, TermOptions } from '../options/run-options.ts';

/**
 * The terms after these options. What they do not name stays as it was, and a new time limit counts from `from` on.
 * Undefined where there are none.
 */
export function termsAfter(before: RunTerms | undefined, options: TermOptions, from: number): RunTerms | undefined {
  const { pauseBefore, pauseAfter, timeoutMs, labels } = options;
  if (pauseBefore === undefined && pauseAfter === undefined && timeoutMs === undefined && labels === undefined)
    return before;
  const { deadline: _deadline, ...kept } = before ?? {};
  const deadline = timeoutMs === undefined ? before?.deadline : deadlineAfter(timeoutMs, from);
  const terms = {
    ...kept,
    ...(pauseBefore === undefined ? {} : { pauseBefore }),
    ...(pauseAfter === undefined ? {} : { pauseAfter }),
    ...(labels === undefined ? {} : { labels }),
    ...(deadline === undefined ? {} : { deadline }),
  };
  if (before === undefined && Object.keys(terms).length === 0) return undefined;
  return canonicalValue(terms, 'the terms of the run') as RunTerms;
}

/** The terms as they count from now on. The clock that set the deadline may have been ahead. */
export function termsNow(terms: RunTerms | undefined, now: number): RunTerms | undefined {
  const { deadline } = terms ?? {};
  if (deadline === undefined || deadline.at - now <= deadline.timeoutMs) return terms;
  return { ...terms, deadline: { ...deadline, at: now + deadline.timeoutMs } };
}

/** The options that are no terms. */
export function withoutTerms<Options extends TermOptions>(options: Options): Omit<Options, keyof TermOptions> {
  const { pauseBefore: _before, pauseAfter: _after, timeoutMs: _timeoutMs, labels: _labels, ...rest } = options;
  return rest;
}

export function sameTerms(one: RunTerms | undefined, other: RunTerms | undefined): boolean {
  return sameValue(one as Value, other as Value);
}

/** What a fork takes over: a gate stays shut, and whatever belongs to the time of its parent is left behind. */
export function inheritedTerms(terms: RunTerms | undefined): RunTerms | undefined {
  if (terms === undefined) return undefined;
  const { deadline: _deadline, passed: _passed, ...kept } = terms;
  return kept;
}

function deadlineAfter(timeoutMs: number, from: number): RunTerms['deadline'] {
  return timeoutMs === Number.POSITIVE_INFINITY ? undefined : { at: from + timeoutMs, timeoutMs };
}

/** @throws RepriseError `option-invalid` for a node that the graph does not have */
export function checkBreakpoints(graph: GraphSpec, { pauseBefore = [], pauseAfter = [] }: BreakpointOptions): void {
  checkNodes(graph, 'pauseBefore', pauseBefore);
  checkNodes(graph, 'pauseAfter', pauseAfter);
}

function checkNodes(graph: GraphSpec, option: keyof BreakpointOptions, names: readonly string[]): void {
  const unknown = names.find((name) => !graph.nodes.has(name));
  if (unknown === undefined) return;
  const known = [...graph.nodes.keys()];
  const nearest = nearestName(unknown, known);
  throw new RepriseError('option-invalid', `option "${option}": graph "${graph.name}" has no node "${unknown}"`, {
    nextStep: nearest === undefined ? `Its nodes are ${known.join(', ')}.` : `Did you mean "${nearest}"?`,
    fields: { option },
  });
}
