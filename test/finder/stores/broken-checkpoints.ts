// Stores whose checkpoints are not to be gone on from.
import type { CancelRequest, Entry, Lease, PlacedCheckpoint, RunCheckpoint } from '../../../src/explore/index.ts';
import { WorkingStore } from './working-store.ts';
import type { BrokenStore } from './working-store.ts';

/** One that keeps every third checkpoint. */
export class KeepingStore extends WorkingStore {
  readonly kept = new Map<string, PlacedCheckpoint[]>();
  override async append(
    lease: Lease,
    entries: readonly Entry[],
    checkpoint?: () => RunCheckpoint,
  ): Promise<CancelRequest | undefined> {
    const cancel = await this.inner.append(lease, entries);
    if (checkpoint !== undefined) await this.keep(lease.runId, checkpoint());
    return cancel;
  }
  async keep(runId: string, checkpoint: RunCheckpoint): Promise<void> {
    if (checkpoint.step % 3 !== 0) return;
    const place = ((await this.inner.find(runId))?.entryCount ?? 0) - 1;
    this.kept.set(runId, [...(this.kept.get(runId) ?? []), { place, checkpoint }]);
  }
  async checkpoint(runId: string, step = Number.POSITIVE_INFINITY): Promise<PlacedCheckpoint | undefined> {
    await this.inner.labels(runId);
    return this.kept.get(runId)?.findLast(({ checkpoint }) => checkpoint.step <= step);
  }
  override async delete(...given: Parameters<WorkingStore['delete']>): Promise<void> {
    await this.inner.delete(...given);
    this.kept.delete(given[0]);
  }
}

export const brokenCheckpoints: Readonly<Record<string, BrokenStore>> = {
  'gives a checkpoint of a later step': {
    laws: ['a checkpoint is what was given'],
    Store: class extends KeepingStore {
      override async checkpoint(runId: string): Promise<PlacedCheckpoint | undefined> {
        return super.checkpoint(runId);
      }
    },
  },
  'gives an older checkpoint than it has': {
    laws: ['a checkpoint is what was given'],
    Store: class extends KeepingStore {
      override async checkpoint(runId: string, step?: number): Promise<PlacedCheckpoint | undefined> {
        return super.checkpoint(runId, step === undefined ? 1 : step);
      }
    },
  },
  'takes the place behind a commit for its own': {
    laws: ['a checkpoint is what was given'],
    Store: class extends KeepingStore {
      override async checkpoint(runId: string, step?: number): Promise<PlacedCheckpoint | undefined> {
        const placed = await super.checkpoint(runId, step);
        return placed === undefined ? undefined : { ...placed, place: placed.place + 1 };
      }
    },
  },
  'keeps the checkpoint of a commit that it refuses': {
    laws: ['a commit that is refused'],
    Store: class extends KeepingStore {
      override async append(
        lease: Lease,
        entries: readonly Entry[],
        checkpoint?: () => RunCheckpoint,
      ): Promise<CancelRequest | undefined> {
        if (checkpoint !== undefined) await this.keep(lease.runId, checkpoint());
        return this.inner.append(lease, entries);
      }
    },
  },
  'keeps the checkpoints of a deleted run': {
    laws: ['no checkpoint is given'],
    Store: class extends KeepingStore {
      override async delete(...given: Parameters<WorkingStore['delete']>): Promise<void> {
        await this.inner.delete(...given);
      }
    },
  },
};
