// Stores whose forks are not what a fork is.
import type { Claim, Entry, Lease, RunEntry, SharedJournal } from '../../../src/explore/index.ts';
import { collected } from '../../support/journals.ts';
import { KeepingStore } from './broken-checkpoints.ts';
import type { BrokenStore } from './working-store.ts';

/** A store that copies what a fork shares, entry by entry. */
export class ForkingStore extends KeepingStore {
  async fork(run: RunEntry, shared: SharedJournal, more: readonly Entry[], claim?: Claim): Promise<Lease> {
    const entries = await this.sharedEntries(shared);
    return this.inner.create(run, [...entries, ...more], claim);
  }
  async sharedEntries({ runId, end }: SharedJournal): Promise<readonly Entry[]> {
    const entries = await collected(this.inner.read(runId, 1, end - 1));
    return entries.filter((entry) => entry.kind !== 'note' || entry.observed.terms === undefined);
  }
}

export const brokenForks: Readonly<Record<string, BrokenStore>> = {
  'copies the terms of the parent': {
    laws: ['a fork holds'],
    Store: class extends ForkingStore {
      override sharedEntries({ runId, end }: SharedJournal): Promise<readonly Entry[]> {
        return collected(this.inner.read(runId, 1, end - 1));
      }
    },
  },
  'copies an entry too many': {
    laws: ['a fork holds', 'a fork is owned'],
    Store: class extends ForkingStore {
      override sharedEntries(shared: SharedJournal): Promise<readonly Entry[]> {
        return super.sharedEntries({ ...shared, end: shared.end + 1 });
      }
    },
  },
  'gives a fork to nobody': {
    laws: ['a fork is owned'],
    Store: class extends ForkingStore {
      override fork(run: RunEntry, shared: SharedJournal, more: readonly Entry[]): Promise<Lease> {
        return super.fork(run, shared, more);
      }
    },
  },
  'creates the fork before it looks for the parent': {
    laws: ['a fork whose id'],
    Store: class extends ForkingStore {
      override async fork(run: RunEntry, shared: SharedJournal, more: readonly Entry[], claim?: Claim): Promise<Lease> {
        const lease = await this.inner.create(run, [], claim);
        await this.inner.append(lease, [...(await this.sharedEntries(shared)), ...more]);
        return lease;
      }
    },
  },
};
