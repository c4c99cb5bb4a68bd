// What functions that clean up have taken back of a step.
import { attemptOfCleanUp, isCleanUpKey } from '../../key.ts';
import type { AttemptKey } from '../../key.ts';
import { undonePlace } from '../asked-in.ts';
import type { AskedIn } from '../asked-in.ts';

export class TakenBack {
  /** By task and name, how often what its effects had got was taken back; and how often each function has run. */
  #counts: Map<string, number> | undefined;

  /** `at`: the key of the function. `undoes`: the names of the effects that it takes back. */
  add(at: AttemptKey, undoes: readonly string[]): void {
    this.#counts ??= new Map();
    for (const place of [at, ...undoes.map((name) => undonePlace(attemptOfCleanUp(at), name))])
      this.#counts.set(place, (this.#counts.get(place) ?? 0) + 1);
  }

  /** How often it was taken back what an effect had got. Of one that cleans up: how often its function has run before. */
  countOf({ at, ref }: AskedIn): number {
    if (this.#counts === undefined) return 0;
    return this.#counts.get(isCleanUpKey(at) ? at : undonePlace(at, ref.type === 'call' ? ref.name : '')) ?? 0;
  }

  clear(): void {
    this.#counts = undefined;
  }
}
