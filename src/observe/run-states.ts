// What an observer remembers about the runs in progress. A run that is never heard of again must not stay forever:
// beyond a limit, the least recently seen run is dropped.
import type { ObservedRun } from '../port/observer.ts';

const statesMaxDefault = 10_000;

export class RunStates<State> {
  readonly #states = new Map<string, State>();
  readonly #create: (run: ObservedRun) => State;
  readonly #letGo: (state: State) => void;
  readonly #statesMax: number;

  constructor(
    create: (run: ObservedRun) => State,
    letGo: (state: State) => void = () => undefined,
    statesMax = statesMaxDefault,
  ) {
    this.#create = create;
    this.#letGo = letGo;
    this.#statesMax = statesMax;
  }

  of(run: ObservedRun): State {
    const state = this.#states.get(run.runId) ?? this.#create(run);
    this.#states.delete(run.runId);
    this.#states.set(run.runId, state);
    if (this.#states.size > this.#statesMax) {
      const [oldest] = this.#states.keys();
      const lost = this.#states.get(oldest as string) as State;
      this.#states.delete(oldest as string);
      this.#letGo(lost);
    }
    return state;
  }

  get all(): Iterable<State> {
    return this.#states.values();
  }

  forget({ runId }: ObservedRun): void {
    this.#states.delete(runId);
  }

  /** Returns all remaining states and forgets them. */
  takeAll(): readonly State[] {
    const left = [...this.#states.values()];
    this.#states.clear();
    return left;
  }
}
