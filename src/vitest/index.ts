// The door `reprise/vitest`. Importing it, in `setupFiles` or in a test, adds the matcher.
import { expect } from 'vitest';
import { reducerLaws } from '../explore/law/reducer-laws.ts';
import type { ReducerLawOptions } from '../explore/law/reducer-laws.ts';
import type { AnyGraph } from '../graph/built-graph.ts';
import { replay } from '../replay/replay.ts';
import type { ReplayOptions } from '../replay/replay-options.ts';
import { lawsText } from '../report/laws-text.ts';
import { replayText } from '../report/replay-text.ts';
import { accepted, refusedText } from './accepted.ts';

// The type parameters are vitest's: a merged interface must declare the same ones.
interface ReplayMatchers<_Result, _Received> {
  /**
   * Replays a fixture offline with the given graph. If it diverges, the failure shows where, with both values; with
   * `vitest -u` the fixture is updated instead, as `reprise replay --update` does. In CI `-u` writes nothing.
   *
   * `await expect(desk).toReplay('fixtures/desk/desk-1.run.jsonl')`
   */
  toReplay(fixturePath: string, options?: ReplayOptions): Promise<void>;
  /**
   * Checks how the fields of the graph are merged, with values of recorded runs. If a law is broken, the failure shows a
   * smallest case, and a test for it.
   *
   * `await expect(desk).toKeepLaws({ from: ['fixtures/desk/desk-1.run.jsonl'] })`
   */
  toKeepLaws(options?: ReducerLawOptions): Promise<void>;
}

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends ReplayMatchers<R, T> {}
}

expect.extend({
  async toReplay(received: unknown, fixturePath: string, options?: ReplayOptions) {
    if (!isGraph(received)) {
      return {
        pass: false,
        message: () => 'expect(graph).toReplay(path): expect was not given a graph; pass it the result of `.build()`',
      };
    }
    const { report } = await replay(received, fixturePath, options);
    const isSame = report.verdict === 'same';
    const update = isSame ? undefined : await accepted(this, received, fixturePath, options);
    const pass = isSame || update?.verdict === 'updated';
    const refused = update === undefined ? '' : refusedText(update);
    return {
      pass,
      message: () => (pass ? `expected ${fixturePath} not to replay, but it did` : `${replayText(report)}${refused}`),
    };
  },
});

expect.extend({
  async toKeepLaws(received: unknown, options?: ReducerLawOptions) {
    if (!isGraph(received)) {
      return {
        pass: false,
        message: () => 'expect(graph).toKeepLaws(): expect was not given a graph; pass it the result of `.build()`',
      };
    }
    const report = await reducerLaws(received, options);
    const pass = report.verdict === 'kept';
    return {
      pass,
      message: () => (pass ? `expected ${received.name} to break a law, but it keeps all of them` : lawsText(report)),
    };
  },
});

function isGraph(value: unknown): value is AnyGraph {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'graph';
}
