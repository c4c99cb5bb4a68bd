// What a run waited for that nobody sees.
import type { CommitEntry } from '../journal/entry.ts';
import type { Uncontrolled } from '../report/explore-facts.ts';
import type { ScheduledRun } from './run-once.ts';

export function uncontrolledOf({ stuck, uncontrolled, steps }: ScheduledRun): readonly Uncontrolled[] {
  const commits = steps.flatMap(({ entries }) => entries.filter((entry) => entry.kind === 'commit'));
  return [...stuck, ...uncontrolled].map((at) => ({ at, node: nodeOf(at, commits) }));
}

/** The last commit of its scope says which node a task of a step that did not end runs. */
function nodeOf(at: string, commits: readonly CommitEntry[]): string {
  const found = /^(?:(.*)\/)?(\d+)\.(\d+)#\d+$/.exec(at);
  if (found === null) return '';
  const [, scope, step, rank] = found;
  const before = `${scope === undefined ? '' : `${scope}/`}${Number(step) - 1}`;
  return commits.find((commit) => commit.at === before)?.frontier[Number(rank)]?.node ?? '';
}
