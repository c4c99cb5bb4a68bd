// Waits for the result of a run that another process drives.
import { RepriseError } from '../../base/error.ts';
import type { Clock } from '../../port/clock.ts';
import type { RunStatus, RunStore } from '../../port/store.ts';
import { finishedRun } from './finished-run.ts';
import type { AnyRun } from '../../graph/run-types.ts';

export interface AttachSetup {
  readonly store: RunStore;
  readonly clock: Clock;
  /** How long to wait between two looks at the store, in milliseconds. */
  readonly pollMs: number;
}

const pause = ({ clock, pollMs }: AttachSetup): Promise<void> =>
  new Promise((resolve) => clock.setTimer(pollMs, resolve));

/** Waits until no process drives the run. @throws RepriseError `run-unknown` */
export async function attach(setup: AttachSetup, runId: string): Promise<AnyRun> {
  for (;;) {
    const summary = await setup.store.find(runId);
    if (summary === undefined) throw unknownRun(runId);
    if (summary.status !== 'running') return finishedRun(setup.store, summary, setup.clock.now());
    await pause(setup);
  }
}

const isOver = (status: RunStatus): boolean => status !== 'running' && status !== 'interrupted';

/**
 * Waits until the run has ended or paused. If its process dies, `resume` takes the run over. It is tried every
 * `everyMs`, and it is not an error if another process is faster.
 *
 * @throws RepriseError `run-unknown`, and whatever else `resume` throws
 */
export async function attachOrResume(
  setup: AttachSetup,
  runId: string,
  { resume, everyMs }: { readonly resume: () => Promise<AnyRun>; readonly everyMs: number },
): Promise<AnyRun> {
  for (let triedAt = Number.NEGATIVE_INFINITY; ; ) {
    const summary = await setup.store.find(runId);
    if (summary === undefined || isOver(summary.status)) return attach(setup, runId);
    const now = setup.clock.now();
    if (now - triedAt >= everyMs) {
      triedAt = now;
      try {
        return await resume();
      } catch (thrown) {
        if (!isAnothers(thrown)) throw thrown;
      }
    }
    await pause(setup);
  }
}

function unknownRun(runId: string): RepriseError {
  return new RepriseError('run-unknown', `this store has no run "${runId}"`, {
    nextStep: 'List the runs of the store with `reprise list`.',
    fields: { runId },
  });
}

/** Whether a resume failed only because another process was faster: it drives the run, or has ended it. */
export function isAnothers(thrown: unknown): boolean {
  if (!(thrown instanceof RepriseError)) return false;
  if (thrown.code === 'run-not-resumable') return Object.hasOwn(thrown.fields, 'status');
  return thrown.code === 'run-owned' || thrown.code === 'lease-lost' || thrown.code === 'run-ended';
}
