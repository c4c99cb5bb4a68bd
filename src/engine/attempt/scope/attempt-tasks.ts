// The tasks that code opens inside one attempt: their paths, and what becomes of each.
//   T1. A path tells a task from all others of its attempt, and depends on no order but that in which a parent opens
//       children of one name.
//   T2. A task is a name, not a boundary: its code gets and gives the very values it would without it.
//   T3. Each task gets one entry: when it ends, or as open when its attempt ends first.
import { RepriseError } from '../../../base/error.ts';
import { canonicalValue } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import type { TaskEntry } from '../../../journal/entry.ts';
import { stacksOf } from '../../../journal/error/stacks.ts';
import { isWithin } from '../../../journal/step/race.ts';
import { keyedTask, numberedPlace, numberedTask } from '../../../journal/task-path.ts';
import type { CurrentAttempt } from '../../../port/attempt.ts';
import { currentTask, taskPath } from '../../../port/task.ts';
import type { CurrentTask, TaskOpener, TaskRequest } from '../../../port/task.ts';
import { thrownValue } from '../../rules/failure.ts';
import type { AttemptLife } from '../attempt-life.ts';
import type { ProtocolSetup } from '../effect/effect-protocol.ts';
import type { AttemptRaces } from '../race/attempt-races.ts';
import type { AttemptSetup } from '../attempt-setup.ts';
import { isThenable, settledIn } from './task-settling.ts';
import { generatorIn, isAsyncGenerator } from './task-generator.ts';

/** Nesting without end would make every entry longer than the one before. */
const pathLengthMax = 4_096;

/** What the journal holds of a value; undefined if it can hold nothing of it. */
type Kept = { readonly value: Value } | undefined;

interface OpenTask extends CurrentTask {
  readonly input: Kept;
  readonly began: number;
}

export class AttemptTasks implements TaskOpener {
  readonly #setup: AttemptSetup;
  readonly #life: AttemptLife;
  readonly #attempt: CurrentAttempt;
  readonly #races: () => AttemptRaces | undefined;
  readonly #open = new Set<OpenTask>();
  /** How many children of a name each parent has opened, by the path of the child without its number. */
  readonly #counts = new Map<string, number>();
  readonly #keyed = new Set<string>();

  /** `races`: those of the attempt, if it has any. */
  constructor(
    { setup, life, attempt }: Pick<ProtocolSetup, 'setup' | 'life' | 'attempt'>,
    races: () => AttemptRaces | undefined,
  ) {
    this.#setup = setup;
    this.#life = life;
    this.#attempt = attempt;
    this.#races = races;
  }

  /** Runs of version 1 know no tasks, and what is over opens none: there it is a plain call. */
  run(request: TaskRequest, code: () => unknown): unknown {
    if (!this.#life.isOpen || this.#setup.parts.run.semantics === 1 || this.#hasLost) return code();
    const task = this.#opened(request);
    let returned: unknown;
    try {
      returned = currentTask.run(task, code);
    } catch (thrown) {
      this.#failed(task, thrown);
      throw thrown;
    }
    const ends = {
      done: (value: unknown) => this.#done(task, value),
      failed: (thrown: unknown) => this.#failed(task, thrown),
    };
    if (isThenable(returned)) return settledIn(task, returned, ends);
    if (isAsyncGenerator(returned)) return generatorIn(task, returned, ends);
    this.#done(task, returned);
    return returned;
  }

  /** Whether it is called by a branch that has lost its race. */
  get #hasLost(): boolean {
    return this.#races()?.whyLost(taskPath(this.#attempt)) !== undefined;
  }

  /** A place of its own for what belongs together, below the task that asks for it: a path, and no task. */
  place(name: string): CurrentTask {
    const parent = taskPath(this.#attempt) ?? '';
    return { attempt: this.#attempt, path: numberedPlace(parent, name, this.#numberOf(parent, name)) };
  }

  /** The attempt ends, or what stands within a path of it, and with it what is still running there. */
  end(within?: string): void {
    for (const task of [...this.#open])
      if (within === undefined || isWithin(task.path, within)) this.#ended(task, { status: 'open' });
  }

  #opened(request: TaskRequest): OpenTask {
    const path = this.#pathOf(request);
    if (path.length > pathLengthMax) {
      throw new RepriseError(
        'option-invalid',
        `task: the path of "${request.name}" is longer than ${pathLengthMax} characters`,
        {
          nextStep: 'Give tasks shorter names and keys, and do not nest them without end.',
          fields: { option: 'name' },
        },
      );
    }
    const input = request.input === undefined ? undefined : this.#kept(request.input, 'the input of a task');
    const task = { attempt: this.#attempt, path, input, began: this.#setup.parts.clock.now() };
    this.#open.add(task);
    return task;
  }

  /** @throws RepriseError `task-duplicate` */
  #pathOf({ name, key }: TaskRequest): string {
    const parent = taskPath(this.#attempt) ?? '';
    if (key === undefined) {
      return numberedTask(parent, name, this.#numberOf(parent, name));
    }
    const path = keyedTask(parent, name, key);
    if (this.#keyed.has(path)) throw duplicateError(path);
    this.#keyed.add(path);
    return path;
  }

  #numberOf(parent: string, name: string): number {
    const place = `${parent}/${name}`;
    const number = this.#counts.get(place) ?? 0;
    this.#counts.set(place, number + 1);
    return number;
  }

  #done(task: OpenTask, value: unknown): void {
    const kept = this.#kept(value, 'the result of a task');
    this.#ended(task, { status: 'done', ...kept });
  }

  #failed(task: OpenTask, thrown: unknown): void {
    this.#ended(task, { status: 'failed', error: thrownValue(thrown, undefined, this.#setup.parts) });
  }

  #ended(task: OpenTask, result: TaskEntry['result']): void {
    if (!this.#open.delete(task) || !this.#life.isOpen) return;
    const { parts, key, world } = this.#setup;
    const { path, input, began } = task;
    const stacks = result.status === 'failed' ? stacksOf(result.error) : undefined;
    const entry: TaskEntry = {
      kind: 'task',
      at: key,
      path,
      ...(input === undefined ? {} : { input: input.value }),
      result,
      observed: { began, ended: parts.clock.now(), ...(stacks === undefined ? {} : { stacks }) },
    };
    const journal = (): void => parts.journal.add(entry);
    if (world.keepBack?.(journal) !== true) journal();
  }

  /** Code may give anything to a task: what no journal can hold is left out. */
  #kept(value: unknown, what: string): Kept {
    try {
      return { value: canonicalValue(value, what, this.#setup.parts.settings) };
    } catch {
      return undefined;
    }
  }
}

function duplicateError(path: string): RepriseError {
  return new RepriseError('task-duplicate', `the task ${path} was opened twice`, {
    nextStep: 'Give each task of one name and parent a key of its own, or no key: then they are numbered.',
    fields: { path },
  });
}
