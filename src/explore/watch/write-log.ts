// Who wrote which variable in a watched run, and what follows from it.
import type { VariableChange, VariableName } from './variable.ts';
import { variableId } from './variable.ts';

/** One change of a variable, between two deliveries. */
export interface VariableWrite {
  /** The arrival after whose delivery the variable had changed. */
  readonly arrival: string;
  /** The attempt that it was delivered to. */
  readonly attempt: string;
  readonly before?: string;
  readonly after?: string;
}

/**
 * - `shared`: several attempts wrote it, so their order may show. A suspect.
 * - `single`: one attempt wrote it. Another that reads it may see it before or after.
 * - `settled`: written in the first run and in none that followed in the same process, such as a client that is made when
 *   it is first needed.
 */
export type VariableClass = 'shared' | 'single' | 'settled';

export interface WatchedVariable {
  readonly variable: VariableName;
  readonly class: VariableClass;
  /** Attempts, in the order of their first write. */
  readonly writers: readonly string[];
  readonly writes: readonly VariableWrite[];
  /**
   * It came and went with a function that something else held for a while, such as the queue of a limiter: nobody wrote
   * anything else into it.
   */
  readonly isPassing: boolean;
}

/** Gathers the writes of one watched run. */
export class WriteLog {
  readonly #variables = new Map<string, { variable: VariableName; writes: VariableWrite[] }>();
  readonly #arrivals = new Set<string>();

  add(to: { readonly arrival: string; readonly attempt: string }, changes: readonly VariableChange[]): void {
    this.#arrivals.add(to.arrival);
    for (const { variable, ...values } of changes) {
      const id = variableId(variable);
      const known = this.#variables.get(id) ?? { variable, writes: [] };
      known.writes.push({ ...to, ...values });
      this.#variables.set(id, known);
    }
  }

  /** Whether something was written after this arrival. */
  hasAt(arrival: string): boolean {
    return this.#arrivals.has(arrival);
  }

  get isEmpty(): boolean {
    return this.#variables.size === 0;
  }

  /** Whether something was written that is in no file. */
  get isOfRealm(): boolean {
    for (const { variable } of this.#variables.values()) if (variable.file === '') return true;
    return false;
  }

  has(variable: VariableName): boolean {
    return this.#variables.has(variableId(variable));
  }

  /** What was written, judged together with the runs that followed in the same process: the later, the warmer. */
  variables(later: readonly WriteLog[]): readonly WatchedVariable[] {
    return [...this.#variables.values()].map(({ variable, writes }) => {
      const writers = [...new Set(writes.map(({ attempt }) => attempt))];
      const isSettled = later.length > 0 && !later.some((log) => log.has(variable));
      const kind = isSettled ? 'settled' : writers.length > 1 ? 'shared' : 'single';
      return { variable, class: kind, writers, writes, isPassing: isPassing(variable, writes) };
    });
  }
}

function isPassing({ file, scope }: VariableName, writes: readonly VariableWrite[]): boolean {
  if (file === '' || scope === 'Module') return false;
  return writes.every(({ before, after }) => before === undefined || after === undefined);
}
