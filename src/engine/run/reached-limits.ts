// The errors of limits that this run reached, known by identity: if anything else throws an equal one, that is its own
// failure.
import type { Value } from '../../base/value.ts';

export class ReachedLimits {
  readonly #errors = new WeakSet<object>();

  constructor(errors: readonly Value[] = []) {
    for (const error of errors) this.add(error);
  }

  add(error: Value): void {
    this.#errors.add(error as object);
  }

  has(error: Value): boolean {
    return typeof error === 'object' && error !== null && this.#errors.has(error);
  }
}
