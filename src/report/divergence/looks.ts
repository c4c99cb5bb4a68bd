import type { Value } from '../../base/value.ts';

/** How often a fixture was replayed, and what came of it. */
export interface Looks {
  readonly count: number;
  /** `fresh`: each replay had copies of the modules, so no variable of one reached the next. */
  readonly modules: 'shared' | 'fresh';
  /**
   * In modules that the fixtures before it had used it came out differently than in fresh ones, which are what counts: a
   * variable of a module keeps something from one run to the next.
   */
  readonly differsBehindOthers?: true;
  /** Where two replays differ first: what each of them made of the same place. */
  readonly differs?: {
    readonly at: string;
    readonly node?: string;
    readonly path: string;
    readonly values: readonly [Value, Value];
  };
  /** The first read that nothing controls, as far as it was seen. */
  readonly read?: string;
}
