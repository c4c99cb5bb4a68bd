// Which nodes the attempts of the open step belong to, and which attempts have started.
//   N1. A task starts with the commit before its step; a further attempt where its first entry is read.
import type { CommitEntry, TaskSpec } from '../../journal/entry.ts';
import { attemptKey, attemptNumber, stepKey, taskKey } from '../../journal/key.ts';
import type { AttemptKey, ScopeKey } from '../../journal/key.ts';

export interface StartedNode {
  readonly key: AttemptKey;
  readonly node: string;
  readonly attempt: number;
}

const attemptPattern = /^(.*)\.(\d+)#\d+$/;

export class StartedNodes {
  /** The tasks of the open steps, by the key of their step. */
  readonly #tasks = new Map<string, readonly TaskSpec[]>();
  readonly #further = new Set<string>();

  /** A step is committed: the tasks of the next one start. */
  committed({ at, frontier }: CommitEntry): readonly StartedNode[] {
    const slash = at.lastIndexOf('/');
    if (slash < 0) {
      this.#tasks.clear();
      this.#further.clear();
    }
    const scope = at.slice(0, Math.max(0, slash)) as ScopeKey;
    const step = stepKey(scope, Number(at.slice(slash + 1)) + 1);
    this.#tasks.set(step, frontier);
    return frontier.map(({ node }, rank) => ({ key: attemptKey(taskKey(step, rank), 1), node, attempt: 1 }));
  }

  /** The attempt of an entry, if it is a further one and this is the first that is read of it. */
  further(at: AttemptKey): StartedNode | undefined {
    if (at.endsWith('#1') || this.#further.has(at)) return undefined;
    this.#further.add(at);
    return { key: at, node: this.nodeOf(at), attempt: attemptNumber(at) };
  }

  nodeOf(at: AttemptKey): string {
    const [, step = '', rank] = attemptPattern.exec(at) ?? [];
    return this.#tasks.get(step)?.[Number(rank)]?.node ?? '';
  }
}
