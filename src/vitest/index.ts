// The door `reprise/vitest`: importing it (in `setupFiles`, or in a test) adds the matcher.
import { expect } from 'vitest';
import type { AnyGraph } from '../graph/built-graph.ts';
import { replay } from '../replay/replay.ts';
import type { ReplayOptions } from '../replay/replay.ts';
import { replayText } from '../report/replay-text.ts';

// The parameters are vitest's: a merged interface has to name the same ones.
interface ReplayMatchers<_Result, _Received> {
  /**
   * Replays a fixture with the graph in `expect`, offline, and fails with the first divergence, its place and both values.
   *
   * `await expect(desk).toReplay('fixtures/desk/desk-1.run.jsonl')`
   */
  toReplay(fixturePath: string, options?: ReplayOptions): Promise<void>;
}

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends ReplayMatchers<R, T> {}
}

expect.extend({
  async toReplay(received: unknown, fixturePath: string, options?: ReplayOptions) {
    if (!isGraph(received)) {
      return {
        pass: false,
        message: () => 'expect(graph).toReplay(path): what stands in expect is no graph; give it what `.build()` gave',
      };
    }
    const { report } = await replay(received, fixturePath, options);
    const pass = report.verdict === 'same';
    return {
      pass,
      message: () => (pass ? `expected ${fixturePath} not to replay, but it does` : replayText(report)),
    };
  },
});

function isGraph(value: unknown): value is AnyGraph {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'graph';
}
