// The result of a run that somebody else drives.
import { RepriseError } from '../../base/error.ts';
import type { Clock } from '../../port/clock.ts';
import type { RunStatus, RunStore } from '../../port/store.ts';
import { finishedRun } from './finished-run.ts';
import type { AnyRun } from '../../graph/run-types.ts';

export interface AttachSetup {
  readonly store: RunStore;
  readonly clock: Clock;
  /** How long to wait before looking again, in milliseconds. */
  readonly pollMs: number;
}

const pause = ({ clock, pollMs }: AttachSetup): Promise<void> =>
  new Promise((resolve) => clock.setTimer(pollMs, resolve));

/** Waits until nobody drives the run any more. */
export async function attach(setup: AttachSetup, runId: string): Promise<AnyRun> {
  for (;;) {
    const summary = await setup.store.find(runId);
    if (summary === undefined) throw unknownRun(runId);
    if (summary.status !== 'running') return finishedRun(setup.store, summary);
    await pause(setup);
  }
}

const isOver = (status: RunStatus): boolean => status !== 'running' && status !== 'interrupted';

/** Waits until the run is over or waits for people. Where its process has died `resume` goes on with it. */
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
  return new RepriseError('run-unknown', `there is no run "${runId}" in this store, or no longer`, {
    nextStep: 'List the runs of the store with `reprise list`.',
    fields: { runId },
  });
}

/** Another process was faster, and has the run or has ended it: nothing is wrong with it. */
export function isAnothers(thrown: unknown): boolean {
  if (!(thrown instanceof RepriseError)) return false;
  if (thrown.code === 'run-not-resumable') return Object.hasOwn(thrown.fields, 'status');
  return thrown.code === 'run-owned' || thrown.code === 'lease-lost' || thrown.code === 'run-ended';
}
