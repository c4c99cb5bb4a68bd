// What a run waited for that nobody sees, and which node an attempt runs.
import { framesOf } from '../../engine/rules/read-stacks.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import type { CommitEntry } from '../../journal/entry.ts';
import type { AwaitedPromises } from '../../live/event-loop/awaited-promises.ts';
import { liveSourcePaths } from '../../live/source-paths.ts';
import type { Uncontrolled } from '../../report/explore/explore-facts.ts';
import type { ScheduledRun } from './run-once.ts';

/** `awaited`: what code waits for, if that was looked at. */
export function uncontrolledOf(
  attempts: readonly string[],
  { steps }: Pick<ScheduledRun, 'steps'>,
  awaited?: AwaitedPromises,
): readonly Uncontrolled[] {
  const nodes = new NodesOf(steps);
  return attempts.map((at) => {
    const stack = awaited === undefined ? undefined : stackOf(at, awaited);
    return { at, node: nodes.of(at), ...(stack === undefined ? {} : { stack }) };
  });
}

/** Of the promise that was made deepest in code of the user. */
function stackOf(at: string, awaited: AwaitedPromises): string | undefined {
  let deepest: readonly string[] = [];
  for (const { madeAt } of awaited.of(at)) {
    const frames = framesOf(madeAt, liveSourcePaths).filter((frame) => !/\(node:|^at node:/.test(frame));
    if (frames.length > deepest.length) deepest = frames;
  }
  return deepest.length === 0 ? undefined : deepest.join('\n');
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
