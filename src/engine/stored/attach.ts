// Waits for the result of a run, whichever process drives it.
import { RepriseError } from '../../base/error.ts';
import type { EngineClock } from '../../port/clock.ts';
import type { RunStore, RunSummary } from '../../port/store.ts';
import { finishedRun } from './finished-run.ts';
import type { AnyRun } from '../../graph/types/run-types.ts';

export interface AttachSetup {
  readonly store: RunStore;
  readonly clock: EngineClock;
  /** How long to wait between two looks at the store, in milliseconds. */
  readonly pollMs: number;
  /** The engine may close while somebody waits. @throws RepriseError `engine-closed` */
  readonly checkOpen: () => void;
}

const pause = ({ clock, pollMs }: AttachSetup): Promise<void> =>
  new Promise((resolve) => clock.setTimer(pollMs, resolve));

/** The store may be closed along with the engine. */
async function look({ store, checkOpen }: AttachSetup, runId: string): Promise<RunSummary> {
  checkOpen();
  try {
    const summary = await store.find(runId);
    if (summary !== undefined) return summary;
  } catch (thrown) {
    checkOpen();
    throw thrown;
  }
  throw unknownRun(runId);
}

/** Waits until no process drives the run. @throws RepriseError `run-unknown`, `engine-closed` */
export async function attach(setup: AttachSetup, runId: string): Promise<AnyRun> {
  await setup.clock.ready?.();
  for (;;) {
    const summary = await look(setup, runId);
    if (summary.status !== 'running' && summary.status !== 'queued')
      return finishedRun(setup.store, summary, setup.clock.now());
    await pause(setup);
  }
}

/** How an engine attaches to a run. */
export interface AttachHow {
  /** The result of the run if this engine drives it. */
  readonly driven: () => Promise<AnyRun> | undefined;
  /** Drives the run here, if its process is gone. */
  readonly takeOver: () => Promise<AnyRun>;
  /** How often to try that while the store says that somebody drives it. */
  readonly everyMs: number;
}

/**
 * Waits until the run has ended or paused, and takes it over if its process dies. It is no error if another process is
 * faster, or takes it from this one.
 *
 * @throws RepriseError `run-unknown`, `engine-closed`, and whatever else `takeOver` throws
 */
export async function attachOrTakeOver(
  setup: AttachSetup,
  runId: string,
  { driven, takeOver, everyMs }: AttachHow,
): Promise<AnyRun> {
  await setup.clock.ready?.();
  let triedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const here = driven();
    const now = setup.clock.now();
    try {
      if (here !== undefined) return await here;
      const summary = await look(setup, runId);
      const is = standing(summary, now);
      if (is === 'at rest') return await finishedRun(setup.store, summary, setup.clock.now());
      if (is === 'free' || (is === 'driven' && now - triedAt >= everyMs)) {
        triedAt = now;
        return await takeOver();
      }
    } catch (thrown) {
      if (!isAnothers(thrown)) throw thrown;
    }
    await pause(setup);
  }
}

function standing({ status, wakeAt = 0 }: RunSummary, now: number): 'driven' | 'free' | 'not due' | 'at rest' {
  switch (status) {
    case 'running':
      return 'driven';
    case 'interrupted':
      return 'free';
    case 'queued':
      return wakeAt <= now ? 'free' : 'not due';
    default:
      return 'at rest';
  }
}

function unknownRun(runId: string): RepriseError {
  return new RepriseError('run-unknown', `this store has no run "${runId}"`, {
    nextStep: 'List the runs of the store with `npx reprise list`.',
    fields: { runId },
  });
}

/** Whether a resume failed only because another process was faster: it drives the run, or has ended it. */
export function isAnothers(thrown: unknown): boolean {
  if (!(thrown instanceof RepriseError)) return false;
  if (thrown.code === 'run-not-resumable') return Object.hasOwn(thrown.fields, 'status');
  return thrown.code === 'run-owned' || thrown.code === 'lease-lost' || thrown.code === 'run-ended';
}
