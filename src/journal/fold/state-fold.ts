// The state of a scope, folded commit by commit, but only when it is read.
import type { Value } from '../../base/value.ts';
import type { StateDescription } from '../description.ts';
import type { EditEntry, Patch } from '../entry.ts';
import { foldCommit, initialState } from './fold.ts';
import { applyPatch } from './patch.ts';

/** Kept low, since each delta may be large. */
const unfoldedMax = 64;

export class StateFold {
  #description: StateDescription;
  #state: Value;
  /**
   * Deltas that the state does not hold yet. Most states are never read. Merging several deltas at once costs one copy,
   * while merging each would copy a long list at every step.
   */
  #unfolded: Value[] = [];

  constructor(description: StateDescription, state?: Value) {
    this.#description = description;
    this.#state = state;
  }

  begin(input: Value, patch: Patch | undefined): void {
    this.#state = initialState(this.#description, input, patch);
  }

  /** `deltas`: of the tasks that are done, in rank order. */
  commit(deltas: readonly Value[], patch: Patch | undefined): void {
    if (patch === undefined && this.#unfolded.length < unfoldedMax) this.#unfolded.push(...deltas);
    else this.#state = foldCommit(this.#description, this.state, deltas, patch);
  }

  /** Changes the state, and with a new version of the graph its description. */
  edit({ patch, graph }: EditEntry): void {
    this.#state = applyPatch(this.state, patch);
    if (graph !== undefined) this.#description = graph.state;
  }

  /** @throws RepriseError `fixture-damaged` if what was committed does not fit the state before it */
  get state(): Value {
    if (this.#unfolded.length > 0) {
      const deltas = this.#unfolded;
      this.#unfolded = [];
      this.#state = foldCommit(this.#description, this.#state, deltas, undefined);
    }
    return this.#state;
  }

  /** Gives the state of this moment whenever it is asked for. Until then it costs nothing, however long the state is. */
  later(): () => Value {
    const description = this.#description;
    const before = this.#state;
    const unfolded = this.#unfolded;
    const count = unfolded.length;
    return () => {
      // Nothing has been committed since: what is folded now serves the fold as well.
      if (this.#unfolded === unfolded && unfolded.length === count) return this.state;
      return count === 0 ? before : foldCommit(description, before, unfolded.slice(0, count), undefined);
    };
  }
}
