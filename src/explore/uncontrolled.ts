// What a run waited for that nobody sees, and which node an attempt runs.
import type { CanonicalStep } from '../journal/canonical.ts';
import type { CommitEntry } from '../journal/entry.ts';
import type { Uncontrolled } from '../report/explore-facts.ts';
import type { ScheduledRun } from './run-once.ts';

export function uncontrolledOf({ stuck, uncontrolled, steps }: ScheduledRun): readonly Uncontrolled[] {
  const nodes = new NodesOf(steps);
  return [...stuck, ...uncontrolled].map((at) => ({ at, node: nodes.of(at) }));
}

/** The nodes of a run's tasks: the commit before a step says which they are. */
export class NodesOf {
  readonly #commits: ReadonlyMap<string, CommitEntry>;

  constructor(steps: readonly CanonicalStep[]) {
    const commits = steps.flatMap(({ entries }) => entries.filter((entry) => entry.kind === 'commit'));
    this.#commits = new Map(commits.map((commit) => [commit.at, commit]));
  }

  /** Empty if it is not known. `key`: of an attempt, or of an event of it. */
  of(key: string): string {
    return nodeOf(key, this.#commits);
  }
}

function nodeOf(key: string, commits: ReadonlyMap<string, CommitEntry>): string {
  const found = /^(?:([\d.#/]*)\/)?(\d+)\.(\d+)#\d+/.exec(key);
  if (found === null) return '';
  const [, scope, step, rank] = found;
  const before = `${scope === undefined ? '' : `${scope}/`}${Number(step) - 1}`;
  return commits.get(before)?.frontier[Number(rank)]?.node ?? '';
}
