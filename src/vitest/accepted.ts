// `vitest -u`: what today's code does is accepted, as with snapshots.
import type { AnyGraph } from '../graph/built-graph.ts';
import { liveEnvironment } from '../live/environment.ts';
import type { ReplayOptions } from '../replay/session/replay-options.ts';
import { fixtureCommand } from '../report/divergence/fixture-commands.ts';
import { outsideText } from '../report/divergence/outside-text.ts';
import { oneLine } from '../report/text/plain-text.ts';
import { updateFixture } from '../update/update-fixture.ts';
import type { Updated } from '../update/update-fixture.ts';

/** What vitest tells a matcher, as far as it matters here. */
export interface UpdatingState {
  readonly snapshotState?: { readonly snapshotUpdateState?: string };
}

/**
 * Updates a fixture that diverges, if the tests are run with `-u`. Undefined if they are not, in CI, and where something else
 * than a plain replay is asked for.
 */
export async function accepted(
  state: UpdatingState,
  graph: AnyGraph,
  fixturePath: string,
  {
    mode = 'effects',
    strictness = 'strict',
    cut = 'recorded',
    seal: _seal,
    repeat: _repeat,
    ...rules
  }: ReplayOptions = {},
): Promise<Updated<unknown> | undefined> {
  const isPlain = mode === 'effects' && strictness === 'strict' && cut === 'recorded';
  if (!isPlain || isCi() || state.snapshotState?.snapshotUpdateState !== 'all') return undefined;
  // A test names the graph of its fixture itself, so a name that is another one was changed.
  return updateFixture(graph, fixturePath, { ...rules, acceptName: true });
}

/** In CI nothing is written, even with `-u`: nobody would look at it. */
function isCi(): boolean {
  const { CI = '' } = liveEnvironment();
  return CI !== '' && CI !== 'false' && CI !== '0';
}

const missingShownMax = 3;

/** What a failure says of an update that was not made. */
export function refusedText(
  { fixture, why, missing = [] }: Pick<Updated<unknown>, 'fixture' | 'why' | 'missing'>,
  graph?: string,
): string {
  if (why === 'rule unknown') return 'not updated: a rule by which the fixture was redacted is not known here\n';
  if (why === 'nobody is asked')
    return 'not updated: it asks people, or waits for a signal\n  next: record the run again: an update asks nobody\n';
  if (why === 'stalled')
    return 'not updated: a node waits for something that the recording does not hold: a mock that answers it here, an event, or nothing\n';
  if (why !== 'not recorded')
    return `not updated: the new file ${why === 'limit reached' ? 'has no end' : 'would not replay'}\n`;
  const next = `${fixtureCommand('replay', { fixture, graph })} --update --live`;
  const what =
    missing.length === 0
      ? ''
      : ` (${missing
          .slice(0, missingShownMax)
          .map(({ about }) => oneLine(about))
          .join(', ')}${missing.length > missingShownMax ? ', …' : ''})`;
  return `not updated: what the code asks for was not recorded${what}\n${outsideText({ missing }) ?? `  next: ${next}\n`}`;
}
