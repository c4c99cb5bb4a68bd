// What was found about the runs of a page.
import { nextStepOf } from '../../diff/cause/next-step.ts';
import type { RootCause } from '../../diff/cause/root-cause.ts';
import type { Divergence } from '../../diff/divergence.ts';
import { aboutFixture, withoutAcceptance } from '../divergence/fixture-commands.ts';
import type { FixtureCommands } from '../divergence/fixture-commands.ts';
import { divergenceSentence } from '../divergence/sentence.ts';
import type { PageReport } from './page-model.ts';
import { pageValue } from './page-value.ts';

/** The part of a report that a page shows; those of replays, comparisons and explorations all have it. */
export interface Reported {
  readonly verdict: string;
  readonly divergences?: readonly Divergence[];
  readonly roots?: readonly RootCause[];
}

interface Told {
  /** The same for people. */
  readonly text: string;
  readonly isGood: boolean;
  readonly names?: PageReport['names'];
  readonly schedule?: PageReport['schedule'];
  /** The fixture that a change can be accepted in. */
  readonly fixture?: FixtureCommands | undefined;
}

/**
 * Turns a report of a replay, a comparison or an exploration into the part of a page that shows it. `text` is the same
 * report for people; with `fixture` the page names the commands that accept a change.
 */
export function pageReport(
  { verdict, divergences = [], roots = [] }: Reported,
  { text, isGood, names = ['recorded', 'replayed'], schedule, fixture }: Told,
): PageReport {
  const next = (root: RootCause): string => {
    const step = nextStepOf(root, divergences);
    return fixture === undefined ? withoutAcceptance(step) : aboutFixture(step, fixture);
  };
  return {
    verdict,
    isGood,
    names,
    text,
    ...(schedule === undefined ? {} : { schedule }),
    divergences: divergences.map((divergence) => ({
      kind: divergence.kind,
      at: divergence.at,
      path: divergence.path,
      sentence: divergenceSentence(divergence),
      ...(divergence.recorded === undefined ? {} : { recorded: pageValue(divergence.recorded) }),
      ...(divergence.replayed === undefined ? {} : { replayed: pageValue(divergence.replayed) }),
    })),
    roots: roots.map((root) => ({
      place: root.place,
      class: root.class,
      mayBe: root.mayBe,
      next: next(root),
      leadsTo: root.leadsTo,
    })),
  };
}
