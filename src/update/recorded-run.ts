// What was recorded of the tasks of a replayed step, wherever in the run it stands, as if it were the recorded step of its
// number.
//   R1. As long as nothing has moved, it is the recorded step itself.
//   R2. Places in an order hold within one step: tasks from others than that whose order is followed lose theirs.
//   R3. What a later step says of an attempt (a note, what an exchange came to) stays there, or comes last if that step is gone.
import { isBeside } from '../journal/entry.ts';
import type { Entry, RunEnd } from '../journal/entry.ts';
import { entryIdentity } from '../journal/entry-identity.ts';
import { rootTask } from '../journal/key.ts';
import type { AttemptKey, TaskKey } from '../journal/key.ts';
import type { WholeStep } from '../store/fixture/open-fixture.ts';

export interface LaidStep extends WholeStep {
  readonly isMoved: boolean;
  /** Its tasks are from several recorded steps. */
  readonly isMixed: boolean;
}

export class RecordedRun {
  readonly #steps: readonly WholeStep[];
  /** Today's tasks by the recorded ones. */
  readonly #today = new Map<TaskKey, TaskKey>();
  readonly #byIdentity: ReadonlyMap<string, Entry>;
  /** What is laid of what later steps say of attempts. */
  readonly #told = new Set<Entry>();
  #hasMoved = false;

  constructor(steps: Iterable<WholeStep>) {
    this.#steps = [...steps];
    this.#byIdentity = new Map(this.entries.map((entry) => [entryIdentity(entry), entry]));
  }

  /** All of them, in the order in which things happened. */
  get entries(): readonly Entry[] {
    return this.#steps.flatMap(({ happened }) => happened);
  }

  get end(): RunEnd | undefined {
    const last = this.#steps.at(-1)?.entries.at(-1);
    return last?.kind === 'end' ? last.end : undefined;
  }

  get stepCount(): number {
    return this.#steps.length;
  }

  /** An entry as the file has it. */
  whole(entry: Entry): Entry {
    return this.#byIdentity.get(entryIdentity(entry)) ?? entry;
  }

  /** `partners`: the recorded attempts by today's. `order`: the recorded step whose order the replayed one follows. */
  laid(
    step: number,
    replayed: readonly Entry[],
    partners: ReadonlyMap<AttemptKey, AttemptKey>,
    order: number | undefined,
  ): LaidStep | undefined {
    const tasks = new Set<TaskKey>();
    for (const [today, before] of partners) {
      // A step that only ends the run opens no tasks, and those of the step before it are still known.
      if (numberOf(rootTask(today)) !== step) continue;
      tasks.add(rootTask(before));
      this.#today.set(rootTask(before), rootTask(today));
    }
    const own = this.#steps[step];
    this.#hasMoved ||= [...tasks].some((task) => numberOf(task) !== step);
    if (!this.#hasMoved) return own && { ...own, isMoved: false, isMixed: false };
    const followed = tasks.size === 0 ? undefined : order;
    const others = [...new Set([...tasks].map(numberOf))].filter((number) => number !== followed);
    const happened: readonly Entry[] = [
      ...(own?.happened ?? []).filter(({ kind }) => kind === 'run' || kind === 'edit'),
      ...this.#ofTasks(followed, tasks),
      ...others.flatMap((number) => this.#ofTasks(number, tasks).map(withoutPlaces)),
      ...this.#toldIn(own),
      ...this.#commit(followed ?? step, step),
      ...(replayed.at(-1)?.kind === 'end'
        ? (this.#steps.at(-1)?.entries.filter(({ kind }) => kind === 'end') ?? [])
        : []),
    ];
    if (happened.length === 0) return undefined;
    const beside = happened.filter(isBeside);
    const canonical = happened.filter((entry) => !isBeside(entry));
    return { step, entries: canonical, beside, happened, isMoved: true, isMixed: others.length > 0 };
  }

  /** A recorded key of a task as it is today; undefined if it does not run. */
  today(at: string): string | undefined {
    const task = rootTask(at);
    const today = this.#today.get(task);
    return today === undefined ? undefined : `${today}${at.slice(task.length)}`;
  }

  /** What is said of attempts that run today, in steps that do not. */
  rest(): readonly Entry[] {
    if (!this.#hasMoved) return [];
    return this.#steps
      .flatMap((step) => this.#toldIn(step))
      .map((entry) => ({ ...entry, at: this.today(entry.at) }) as Entry);
  }

  #ofTasks(number: number | undefined, tasks: ReadonlySet<TaskKey>): readonly Entry[] {
    const { happened = [] } = number === undefined ? {} : (this.#steps[number] ?? {});
    return happened.filter(({ at }) => numberOf(rootTask(at)) === number && tasks.has(rootTask(at)));
  }

  /** What a step says of attempts of others that are known to run today. */
  #toldIn(step: WholeStep | undefined): readonly Entry[] {
    const told = (step?.beside ?? []).filter(
      (entry) =>
        entry.at.includes('#') &&
        numberOf(rootTask(entry.at)) !== step?.step &&
        this.today(entry.at) !== undefined &&
        !this.#told.has(entry),
    );
    for (const entry of told) this.#told.add(entry);
    return told;
  }

  #commit(from: number, step: number): readonly Entry[] {
    const commits = this.#steps[from]?.entries.filter(({ kind, at }) => kind === 'commit' && !at.includes('/')) ?? [];
    return commits.map((commit) => ({ ...commit, at: String(step) }) as Entry);
  }
}

function numberOf(task: TaskKey): number {
  return Number.parseInt(task, 10);
}

/** As it is without a place in the order of its step. */
function withoutPlaces(entry: Entry): Entry {
  if (entry.kind === 'effect' || entry.kind === 'outcome') {
    const { order: _places, ...observed } = entry.observed;
    return { ...entry, observed } as Entry;
  }
  if (entry.kind !== 'ambient') return entry;
  const { firings: _places, ...observed } = entry.observed;
  return { ...entry, observed };
}
