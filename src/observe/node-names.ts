// Finds the node that a key belongs to, from the journal: a commit names the tasks that come next. A node of a subgraph
// is named by its path, `desk/research`. A reader that starts late learns a step's tasks only from their outcomes.
import type { Entry, TaskSpec } from '../journal/entry.ts';
import { keyNumbers, stepNumber } from '../journal/key.ts';

const unknownNode = '?';

interface Frontier {
  readonly step: number;
  readonly tasks: readonly TaskSpec[];
}

export class NodeNames {
  /** The next tasks, by the attempt they run in; those of the run itself under ''. */
  readonly #frontiers = new Map<string, Frontier>();
  readonly #told = new Map<string, string>();

  add(entry: Entry): void {
    if (entry.kind === 'commit') {
      const scope = entry.at.includes('/') ? entry.at.slice(0, entry.at.lastIndexOf('/')) : '';
      if (scope === '') this.#clear();
      this.#frontiers.set(scope, { step: stepNumber(entry.at), tasks: entry.frontier });
    } else if (
      entry.kind === 'begin' ||
      entry.kind === 'chunk' ||
      entry.kind === 'restart' ||
      entry.kind === 'guard' ||
      entry.kind === 'stop' ||
      entry.kind === 'outcome'
    ) {
      this.#told.set(taskOf(entry.at), entry.node);
    } else if (entry.kind === 'end') this.#told.clear();
  }

  /** The path of the node that a task or one of its attempts belongs to. */
  nodeOf(at: string): string {
    const names: string[] = [];
    for (let end = at.indexOf('/'); ; end = at.indexOf('/', end + 1)) {
      const key = taskOf(end < 0 ? at : at.slice(0, end));
      names.push(this.#taskName(key));
      if (end < 0) return names.join('/');
    }
  }

  #taskName(task: string): string {
    const scope = task.includes('/') ? task.slice(0, task.lastIndexOf('/')) : '';
    const [step, rank] = keyNumbers(task).slice(-2) as [number, number];
    const frontier = this.#frontiers.get(scope);
    const planned = frontier?.step === step - 1 ? frontier.tasks[rank]?.node : undefined;
    return planned ?? this.#told.get(task) ?? unknownNode;
  }

  #clear(): void {
    this.#frontiers.clear();
    this.#told.clear();
  }
}

function taskOf(at: string): string {
  const attempt = at.lastIndexOf('#');
  return attempt > at.lastIndexOf('/') ? at.slice(0, attempt) : at;
}
