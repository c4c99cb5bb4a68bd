import { expect } from 'vitest';
import { replay } from '../replay/replay.ts';
import type { ReplayOptions } from '../replay/replay.ts';
import { replayText } from '../report/replay-text.ts';
import { isGraph, noGraph } from './graph-of.ts';

// The type parameters are vitest's: a merged interface must declare the same ones.
export interface ReplayMatchers<_Result, _Received> {
  /**
   * Replays a fixture offline with the given graph. If it diverges, the failure shows where, with both values.
   *
   * `await expect(desk).toReplay('fixtures/desk/desk-1.run.jsonl')`
   */
  toReplay(fixturePath: string, options?: ReplayOptions): Promise<void>;
}

expect.extend({
  async toReplay(received: unknown, fixturePath: string, options?: ReplayOptions) {
    if (!isGraph(received)) noGraph('toReplay(path)');
    const { report } = await replay(received, fixturePath, options);
    const pass = report.verdict === 'same';
    return {
      pass,
      message: () => (pass ? `expected ${fixturePath} not to replay, but it did` : replayText(report)),
    };
  },
});
