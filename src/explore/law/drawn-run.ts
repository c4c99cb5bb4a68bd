// Runs a graph in a drawn world, offline and without waiting.
import { noOptions } from '../../base/options/option-shape.ts';
import type { Value } from '../../base/value.ts';
import { RunHost } from '../../engine/host/run-host.ts';
import { engineSettings } from '../../engine/options/engine-options.ts';
import type { AnyGraph } from '../../graph/built-graph.ts';
import type { AnyRun } from '../../graph/types/run-types.ts';
import { requestRules } from '../../journal/http/request-rules.ts';
import { installAmbientReads } from '../../live/ambient/ambient-reads.ts';
import { liveEventLoop } from '../../live/event-loop/event-loop.ts';
import { RunQuiet } from '../../live/event-loop/run-quiet.ts';
import { installInterception } from '../../live/http/interception.ts';
import { installPlaceholders } from '../../live/placeholders.ts';
import { liveRejections } from '../../live/rejections.ts';
import { liveSourcePaths } from '../../live/source-paths.ts';
import { installNodeTimers } from '../../live/timers/node-timers.ts';
import { arrivalOrder } from '../../port/oracle.ts';
import { ReplaySeal } from '../../replay/session/replay-seal.ts';
import { VirtualClock } from '../../replay/session/virtual-clock.ts';
import { memoryStore } from '../../store/memory/memory.ts';
import { DrawnWorld } from './drawn-world.ts';
import type { DrawnAnswers } from './drawn-world.ts';
import { surroundings } from './set-surroundings.ts';

const runId = 'arbitrary-run';
const seed = 'arbitrary';
/** Drawn answers may lead around in circles. */
const stepsMax = 100;

export async function runDrawn(graph: AnyGraph, input: Value, answers: DrawnAnswers): Promise<AnyRun> {
  const quiet = new RunQuiet();
  const seal = new ReplaySeal();
  const rules = requestRules(noOptions);
  const host = new RunHost(
    graph,
    {
      clock: new VirtualClock(surroundings[0].time, quiet),
      entropy: { runId: () => runId, seed: () => seed },
      paths: liveSourcePaths,
      loop: { ...liveEventLoop, watch: () => quiet },
      oracle: arrivalOrder,
      world: new DrawnWorld(answers, seal, quiet),
      store: memoryStore(),
      rejections: liveRejections,
      sources: [],
      sinks: [],
      attachPollMs: 0,
    },
    engineSettings({ maxSteps: stepsMax }),
  );
  const open = seal.close('nodes');
  const removals = [
    installInterception(noOptions, host, rules),
    installPlaceholders(),
    installAmbientReads(),
    installNodeTimers(),
  ];
  try {
    return await host.run(input, { runId, seed });
  } finally {
    for (const remove of removals.reverse()) remove();
    open();
    await host.close();
    quiet.close();
  }
}
