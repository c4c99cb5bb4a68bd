import { reducerLaws } from '../explore/law/reducer-laws.ts';
import type { ReducerLawOptions } from '../explore/law/reducer-laws.ts';
import { lawsText } from '../report/explore/laws-text.ts';
import { isGraph, noGraph } from './graph-of.ts';

/**
 * What `reprise/vitest` adds to `expect` for the reducers of a graph. As with `ReplayMatchers`, importing the module is
 * enough to use it.
 */
export interface LawMatchers<_Result, _Received> {
  /**
   * Checks how the fields of the graph are merged, with values of recorded runs. If a law is broken, the failure shows a
   * smallest case, and a test for it.
   *
   * `await expect(desk).toKeepLaws({ from: ['fixtures/desk/desk-1.run.jsonl'] })`
   */
  toKeepLaws(options?: ReducerLawOptions): Promise<void>;
}

export const lawMatchers = {
  async toKeepLaws(received: unknown, options?: ReducerLawOptions) {
    if (!isGraph(received)) noGraph('toKeepLaws()');
    const report = await reducerLaws(received, options);
    const pass = report.verdict === 'kept';
    return {
      pass,
      message: () => (pass ? `expected ${received.name} to break a law, but it keeps all of them` : lawsText(report)),
    };
  },
};
