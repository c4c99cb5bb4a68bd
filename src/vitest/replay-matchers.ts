import { expect } from 'vitest';
import { replay } from '../replay/replay.ts';
import type { ReplayOptions } from '../replay/replay-options.ts';
import { replayText } from '../report/replay-text.ts';
import { accepted, refusedText } from './accepted.ts';
import { isGraph, noGraph } from './graph-of.ts';

// The type parameters are vitest's: a merged interface must declare the same ones.
export interface ReplayMatchers<_Result, _Received> {
  /**
   * Replays a fixture offline with the given graph. If it diverges, the failure shows where, with both values; with
   * `vitest -u` the fixture is updated instead, as `reprise replay --update` does. In CI `-u` writes nothing.
   *
   * `await expect(desk).toReplay('fixtures/desk/desk-1.run.jsonl')`
   */
  toReplay(fixturePath: string, options?: ReplayOptions): Promise<void>;
}

expect.extend({
  async toReplay(received: unknown, fixturePath: string, options?: ReplayOptions) {
    if (!isGraph(received)) noGraph('toReplay(path)');
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
