import type { MatcherState } from 'vitest';
import { RepriseError } from '../base/error.ts';
import { liveClock } from '../live/clock.ts';
import { knownDivergence, knownText } from '../project/known-divergence.ts';
import type { ReplayOptions } from '../replay/session/replay-options.ts';
import { replayText } from '../report/divergence/replay-text.ts';
import { updateText } from '../report/update/update-text.ts';
import type { Updated } from '../update/update-fixture.ts';
import { accepted, refusedText } from './accepted.ts';
import { isGraph, noGraph } from './graph-of.ts';
import { asConfigured, replay } from './project-replay.ts';
import { commandsOf, reproduceLine } from './reproduce-line.ts';
import { config, fixturePath, shorten } from './test-project.ts';

// The type parameters are vitest's: a merged interface must declare the same ones.
/**
 * What `reprise/vitest` adds to `expect` for recorded runs. Importing the module in a setup file or a test declares it;
 * the name is for an `expect` of your own.
 */
export interface ReplayMatchers<_Result, _Received> {
  /**
   * Replays a fixture offline with the given graph. If it diverges, the failure shows where, with both values; with
   * `vitest -u` the fixture is updated instead, as `reprise replay --update` does. In CI `-u` writes nothing. The path is
   * relative to the working folder or to that of `reprise.config.ts`.
   *
   * `await expect(desk).toReplay('fixtures/desk/desk-1.run.jsonl')`
   */
  toReplay(fixturePath: string, options?: ReplayOptions): Promise<void>;
}

export const replayMatchers = {
  async toReplay(this: MatcherState, received: unknown, given: string, options?: ReplayOptions) {
    if (!isGraph(received)) noGraph('toReplay(path)');
    const accepting = (): Promise<Updated<unknown> | undefined> =>
      accepted(this, received, fixturePath(given), asConfigured(options));
    const replayed = await replay(received, given, options).catch(async (thrown: unknown) => {
      // A graph that was renamed: the test says which fixture is its own.
      const isOther = thrown instanceof RepriseError && thrown.code === 'fixture-other-graph';
      const update = isOther && !this.isNot ? await accepting() : undefined;
      if (update?.verdict !== 'updated') throw thrown;
      return update;
    });
    if ('verdict' in replayed) {
      console.log(updateText({ ...replayed, fixture: given }));
      return { pass: true, message: () => `${given} was updated` };
    }
    const { report } = replayed;
    if (report.verdict === 'same') {
      // The graph has changed and the run has not: the file holds the graph too, and `replay --update` writes that as well.
      const update = report.divergences.length > 0 && !this.isNot ? await accepting() : undefined;
      if (update?.verdict === 'updated') console.log(updateText({ ...update, fixture: given }));
      return { pass: true, message: () => `expected ${given} not to replay, but it did` };
    }
    const path = fixturePath(given);
    // With `.not` a divergence is what is wanted: there is nothing to accept or to excuse.
    const update = this.isNot ? undefined : await accepting();
    if (update?.verdict === 'updated') {
      console.log(updateText({ ...update, fixture: given }));
      return { pass: true, message: () => `${given} was updated` };
    }
    const known = knownDivergence(path, config, new Date(liveClock.now()));
    const told = known === undefined ? '' : knownText(known);
    const commands = commandsOf(this.testPath, report.graph);
    const refused = update === undefined ? '' : refusedText({ ...update, fixture: shorten(path) }, commands.graph);
    const how = update === undefined ? commands : { ...commands, isRefused: true as const };
    const text = `${replayText(report, reproduceLine(report, this.testPath), undefined, how)}${told}${refused}`;
    const pass = known?.isOver === false && !this.isNot;
    if (pass) console.warn(text);
    return { pass, message: () => text };
  },
};
