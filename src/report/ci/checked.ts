// What a command found of one fixture, or of two runs, as a service for CI shows it.
import type { RootCause } from '../../diff/cause/root-cause.ts';
import type { Divergence } from '../../diff/divergence.ts';
import { divergenceSentence } from '../divergence/sentence.ts';

/** What was found of one fixture, in the form that reports for CI take. `checkedOf` makes one from a report. */
export interface Checked {
  /** The fixture, as a path in the repository. */
  readonly name: string;
  readonly graph: string;
  readonly verdict: string;
  /** `error`: it could not be looked at. */
  readonly outcome: 'passed' | 'failed' | 'error';
  /** The report for people, in full. */
  readonly text: string;
  /** What differs first, and where. */
  readonly sentence?: string;
  readonly class?: string;
}

interface Reported {
  readonly verdict: string;
  readonly divergences?: readonly Divergence[];
  readonly roots?: readonly RootCause[];
}

/**
 * Makes the entry of one fixture for `githubText`, `junitText` and `markdownText`. As what differs first it takes what
 * a change of the graph leads to rather than the change itself, which is usually meant.
 */
export function checkedOf(
  place: Pick<Checked, 'name' | 'graph' | 'text'>,
  { verdict, divergences = [], roots = [] }: Reported,
  isGood: boolean,
): Checked {
  // A change of the graph is usually meant; what it leads to is the news.
  const root = roots.find((candidate) => divergences[candidate.place]?.kind !== 'graph') ?? roots[0];
  const first = root === undefined ? divergences[0] : divergences[root.place];
  return {
    ...place,
    verdict,
    outcome: isGood ? 'passed' : 'failed',
    ...(isGood || first === undefined ? {} : { sentence: divergenceSentence(first) }),
    ...(isGood || root === undefined ? {} : { class: root.class }),
  };
}
