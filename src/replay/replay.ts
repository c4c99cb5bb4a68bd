// Replays a recorded run with today's code, offline, and compares the two journals.
import { RepriseError } from '../base/error.ts';
import { checkOptions, noOptions } from '../base/options/option-shape.ts';
import type { AnyGraph, StateOf } from '../graph/built-graph.ts';
import type { Run } from '../graph/types/run-types.ts';
import { inOwnTurns } from '../live/event-loop/turns.ts';
import { openFixture } from '../store/fixture/open-fixture.ts';
import type { Fixture } from '../store/fixture/open-fixture.ts';
import { madeGraph } from './session/made-graph.ts';
import { replayOptions } from './session/replay-options.ts';
import type { ReplayOptions } from './session/replay-options.ts';
import type { ReplayReport } from './session/replay-report.ts';
import { ReplaySession } from './session/replay-session.ts';
import { lookedAtAgain } from './session/second-look.ts';

/**
 * The result of `replay`: what today's code made of the recording, and where that differs. A divergence is no error:
 * look at `report.verdict`.
 */
export interface Replayed<State> {
  /** The replayed run; its state is the result of the new code. */
  readonly run: Run<State>;
  readonly report: ReplayReport;
}

/**
 * Replays a recorded run and reports where it diverges.
 *
 * Its nodes are kept from the outside. An effect that was not recorded is a divergence. What a node tries to reach in any
 * other way (a query or a message over an open connection, a socket, a DNS look-up, a child process, a worker) is refused
 * and named in the report. File access is not guarded.
 *
 * A replay that diverges is run once more before it is reported. `graph` may be a function that makes the graph: it is called
 * for each replay, so that none finds what another has left in a variable. Clocks that it reads itself stand where the run
 * began, so that it may import modules which read one while they are loaded.
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`, `fixture-other-graph`,
 *   `option-invalid`
 */
export async function replay<G extends AnyGraph>(
  graph: G | (() => G | Promise<G>),
  fixturePath: string,
  options: ReplayOptions = noOptions,
): Promise<Replayed<StateOf<G>>> {
  checkOptions(replayOptions, options);
  const once = async (replaying: ReplayOptions): Promise<Replayed<StateOf<G>>> =>
    replayOnce(graph, fixturePath, replaying);
  const { run, report } = await once(options);
  const { onStep: _told, ...untold } = options;
  const again = {
    repeat: options.repeat ?? 1,
    modules: typeof graph === 'function' ? 'fresh' : 'shared',
    replay: async () => (await once(untold)).report,
  } as const;
  return { run, report: await lookedAtAgain(report, again) };
}

async function replayOnce<G extends AnyGraph>(
  graph: G | (() => G | Promise<G>),
  fixturePath: string,
  options: ReplayOptions,
): Promise<Replayed<StateOf<G>>> {
  using fixture = await openFixture(fixturePath, inOwnTurns);
  const today = await madeGraph(graph, fixture);
  checkName(today, fixture);
  const session = new ReplaySession(today, fixture, options);
  const run = (await session.run()) as Run<StateOf<G>>;
  return { run, report: session.report() };
}

/** @throws RepriseError `fixture-other-graph` */
export function checkName(graph: AnyGraph, fixture: Fixture): void {
  const recorded = fixture.run.graph.name;
  if (recorded === graph.name) return;
  throw new RepriseError(
    'fixture-other-graph',
    `${fixture.path} was recorded with graph "${recorded}", not "${graph.name}"`,
    {
      nextStep: `Replay it with graph "${recorded}". If that was renamed to "${graph.name}", accept the name: npx reprise replay --update --graph <module#export> <fixture>.`,
      fields: { recorded, given: graph.name },
    },
  );
}
