import { RunFold } from '../journal/fold/run-fold.ts';
import { ReplayDoubts } from '../journal/run/replay-doubts.ts';
import { inOwnTurns } from '../live/event-loop/turns.ts';
import { openFixture } from '../store/fixture/open-fixture.ts';

/**
 * What `readFixture` found in a fixture that it could read to its end: enough to list fixtures without replaying them.
 */
export interface FixtureFacts {
  readonly graph: string;
  readonly runId: string;
  /** The last committed step. */
  readonly step: number;
  /** What the run says that it does not hold, so that it may not replay. */
  readonly notes: readonly string[];
}

/**
 * Reads a fixture from end to end, as a replay would, without its code.
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`
 */
export async function readFixture(path: string): Promise<FixtureFacts> {
  using fixture = await openFixture(path, inOwnTurns);
  const fold = new RunFold();
  const doubts = new ReplayDoubts();
  for (const { entries, beside } of fixture.steps('all')) {
    for (const entry of entries) fold.add(entry);
    // A state that cannot be folded is damage too.
    void fold.state;
    for (const entry of beside) doubts.add(entry);
  }
  // A file without its observed block still says it in its header.
  const notes = [...new Set([...fixture.mayNotReplay, ...doubts.reasons])];
  return { graph: fixture.run.graph.name, runId: fixture.run.observed.runId, step: fold.step, notes };
}
