// Stores whose checkpoints cannot be resumed from.
import type { CancelRequest, Entry, Lease, PlacedCheckpoint, RunCheckpoint } from '../../../src/explore/index.ts';
import { WorkingStore } from './working-store.ts';
import type { BrokenStore } from './working-store.ts';

/** A store that keeps every third checkpoint. */
export class KeepingStore extends WorkingStore {
  readonly kept = new Map<string, PlacedCheckpoint[]>();
  override async append(
    lease: Lease,
    entries: readonly Entry[],
    checkpoint?: () => RunCheckpoint,
    place?: number,
  ): Promise<CancelRequest | undefined> {
    const cancel = await this.inner.append(lease, entries, undefined, place);
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
  'returns a checkpoint of a later step': {
    laws: ['the latest checkpoint'],
    Store: class extends KeepingStore {
      override async checkpoint(runId: string): Promise<PlacedCheckpoint | undefined> {
        return super.checkpoint(runId);
      }
    },
  },
  'returns an older checkpoint than the latest': {
    laws: ['the latest checkpoint'],
    Store: class extends KeepingStore {
      override async checkpoint(runId: string, step?: number): Promise<PlacedCheckpoint | undefined> {
        return super.checkpoint(runId, step === undefined ? 1 : step);
      }
    },
  },
  'reports the place after the commit': {
    laws: ['the latest checkpoint'],
    Store: class extends KeepingStore {
      override async checkpoint(runId: string, step?: number): Promise<PlacedCheckpoint | undefined> {
        const placed = await super.checkpoint(runId, step);
        return placed === undefined ? undefined : { ...placed, place: placed.place + 1 };
      }
    },
  },
  'knows of no checkpoint that was written since a run was taken': {
    laws: ['a process that takes a run'],
    Store: class extends KeepingStore {
      readonly #taken = new Set<string>();
      override async take(...given: Parameters<WorkingStore['take']>): Promise<Lease> {
        this.#taken.add(given[0]);
        return super.take(...given);
      }
      override async checkpoint(runId: string, step?: number): Promise<PlacedCheckpoint | undefined> {
        return this.#taken.delete(runId) ? undefined : super.checkpoint(runId, step);
      }
    },
  },
  'keeps the checkpoint of a refused commit': {
    laws: ['a refused commit'],
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
    laws: ['a missing or deleted run'],
    Store: class extends KeepingStore {
      override async delete(...given: Parameters<WorkingStore['delete']>): Promise<void> {
        await this.inner.delete(...given);
      }
    },
  },
};
