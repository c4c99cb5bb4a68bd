// Writes a fork: a new run that this engine owns from the start, ready to be resumed.
import type { Lease } from '../../port/store.ts';
import type { ForkOptions } from '../options/fork-options.ts';
import type { ResumeOptions } from '../options/run-options.ts';
import { checkBreakpoints } from '../rules/run-terms.ts';
import { forkOf, writeFork } from '../stored/fork.ts';
import type { RunContext } from './host-ports.ts';
import type { Owner } from './owner.ts';
import { checkFork } from './resume-run.ts';
import { timeNow } from './store-clock.ts';

export interface ForkSetup {
  readonly parentId: string;
  readonly options: ForkOptions;
  /** What it is going to be resumed with. The terms among that are its own from the start. */
  readonly resume: ResumeOptions;
}

/** @throws RepriseError what `forkOf` and `checkFork` throw, `option-invalid`, `run-exists` */
export async function createFork(
  context: RunContext,
  owner: Owner,
  { parentId, options, resume }: ForkSetup,
): Promise<{ readonly runId: string; readonly lease: Lease }> {
  const { graph, ports } = context;
  const { store, clock, entropy, surroundings } = ports;
  checkBreakpoints(graph, resume);
  const runId = options.runId ?? entropy.runId();
  const place = { now: await timeNow(clock), surroundings: surroundings?.() };
  const fork = await forkOf(store, parentId, { ...options, runId, terms: resume }, place);
  // Before anything is written: a fork that cannot be driven would be left behind for a worker.
  checkFork(graph, parentId, fork.fold, resume);
  // Nobody else takes it before it is driven here.
  const lease = await writeFork(store, fork, owner.claim().claim);
  try {
    for (const label of fork.commitLabels) await store.label(runId, label);
    return { runId, lease };
  } catch (thrown) {
    await owner.letGo(lease);
    throw thrown;
  }
}
