// What was decided about effects in doubt, when the run was resumed.
//   D1. A decision is taken once, by the effect it was made about. An effect that is in doubt again needs another one.
import type { Decision } from '../rules/decision.ts';

export class Decisions {
  readonly #decisions: Map<string, Decision> | undefined;

  /** Who made them. */
  readonly by: string | undefined;

  /** By the identity of the effect (`identityIn`). */
  constructor(decisions?: ReadonlyMap<string, Decision>, by?: string) {
    this.by = by;
    this.#decisions = decisions === undefined ? undefined : new Map(decisions);
  }

  /** `identity` is asked for only if anything was decided. */
  take(identity: () => string): Decision | undefined {
    if (this.#decisions === undefined) return undefined;
    const key = identity();
    const decision = this.#decisions.get(key);
    this.#decisions.delete(key);
    return decision;
  }
}
