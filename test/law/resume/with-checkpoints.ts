// A store with a checkpoint after each commit, so that a resume reads as little as possible.
import { sameValue } from '../../../src/base/equal.ts';
import { canonicalValue } from '../../../src/base/value.ts';
import { ResumeFold } from '../../../src/engine/stored/resume/resume-fold.ts';
import type { RunCheckpoint } from '../../../src/journal/run/checkpoint.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import type { Lease, PlacedCheckpoint, RunStore } from '../../../src/port/store.ts';
import { changedStore } from '../../support/changed-store.ts';

/** Computes checkpoints by folding the whole journal, and fails if a checkpoint of the engine differs. */
export function withCheckpoints(store: RunStore): RunStore {
  const append = async (
    lease: Lease,
    entries: readonly Entry[],
    checkpoint?: () => RunCheckpoint,
  ): Promise<Awaited<ReturnType<RunStore['append']>>> => {
    const cancel = await store.append(lease, entries);
    const given = checkpoint?.();
    const folded = given === undefined ? undefined : await checkpointOf(store, lease.runId, given.step);
    if (given !== undefined && !sameValue(asValue(given), asValue(folded?.checkpoint)))
      throw new Error(`the checkpoint after step ${given.step} differs from the journal`);
    return cancel;
  };
  return changedStore(store, { append, checkpoint: (runId, step) => checkpointOf(store, runId, step) });
}

const asValue = (checkpoint: RunCheckpoint | undefined) =>
  canonicalValue(checkpoint, 'checkpoint', { maxBytes: Number.POSITIVE_INFINITY });

async function checkpointOf(
  store: RunStore,
  runId: string,
  step = Number.POSITIVE_INFINITY,
): Promise<PlacedCheckpoint | undefined> {
  const fold = new ResumeFold();
  let found: PlacedCheckpoint | undefined;
  let place = 0;
  for await (const entry of store.read(runId)) {
    fold.add(entry);
    if (entry.kind === 'commit' && !entry.at.includes('/') && fold.step <= step && fold.run !== undefined) {
      const { run, state, frontier, joins, ran, stepCount } = fold;
      const checkpoint = {
        run,
        step: fold.step,
        state,
        frontier,
        ...(joins === undefined ? {} : { joins }),
        ...(ran === undefined ? {} : { ran }),
        stepCount,
      };
      found = { place, checkpoint };
    }
    place += 1;
  }
  return found;
}
