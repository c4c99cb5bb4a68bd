// Stores that give runs to workers that have no code for them, or tell others of workers than there are.
import type { CancelRequest, DueQuery, Entry, Later, Lease, Release, Workers } from '../../../src/explore/index.ts';
import { WorkingStore } from './working-store.ts';
import type { BrokenStore } from './working-store.ts';

/** The same workers, with something changed. */
function changed(workers: Workers, changes: Partial<Workers>): Workers {
  return {
    announce: (worker) => workers.announce(worker),
    withdraw: (owner) => workers.withdraw(owner),
    live: (isGone) => workers.live(isGone),
    stranded: (limit, isGone) => workers.stranded(limit, isGone),
    ...changes,
  };
}

export const brokenWorkers: Readonly<Record<string, BrokenStore>> = {
  'gives runs to workers by the names of their graphs': {
    laws: ['a run is given to workers with its graph'],
    Store: class extends WorkingStore {
      override claimDue(query: DueQuery): ReturnType<WorkingStore['claimDue']> {
        const own = query.graphs.map(({ name }) => ({ name, fingerprint: 'f'.repeat(16) }));
        return super.claimDue({ ...query, graphs: own });
      }
    },
  },
  'waits for ever for workers that have died': {
    laws: ['a run is given to workers with its graph', 'the workers that live', 'the runs that are stranded'],
    Store: class extends WorkingStore {
      override readonly workers = changed((this.inner as Required<typeof this.inner>).workers, {
        announce: (worker) =>
          (this.inner as Required<typeof this.inner>).workers.announce({
            ...worker,
            leaseMs: Number.POSITIVE_INFINITY,
          }),
      });
    },
  },
  'forgets who has refused a run': {
    laws: ['a run that a worker has refused', 'the runs that are stranded'],
    Store: class extends WorkingStore {
      override release(lease: Lease, release?: Release): Later<void> {
        const { refusedBy: _refusedBy, ...rest } = release ?? { status: 'interrupted' };
        return super.release(lease, rest as Release);
      }
    },
  },
  'forgets who leaves a run alone': {
    laws: ['a run that a live worker leaves alone'],
    Store: class extends WorkingStore {
      override release(lease: Lease, release?: Release): Later<void> {
        const { leftAloneBy: _leftAloneBy, ...rest } = release ?? { status: 'interrupted' };
        return super.release(lease, rest as Release);
      }
    },
  },
  'gives no run to anybody that a worker leaves alone': {
    laws: ['a run that a live worker leaves alone'],
    Store: class extends WorkingStore {
      override release(lease: Lease, release?: Release): Later<void> {
        const { leftAloneBy: name, ...rest } = release ?? { status: 'interrupted' };
        const refused = name === undefined ? {} : { leftAloneBy: name, refusedBy: 'f'.repeat(16) };
        return super.release(lease, { ...rest, ...refused } as Release);
      }
    },
  },
  'does not see that a run continues with another graph': {
    laws: ['a run that continues with another graph'],
    Store: class extends WorkingStore {
      override append(
        ...[lease, entries, checkpoint, place]: Parameters<WorkingStore['append']>
      ): Later<CancelRequest | undefined> {
        const kept = entries.map((entry): Entry => {
          if (entry.kind !== 'edit') return entry;
          const { fingerprint: _fingerprint, ...rest } = entry;
          return rest;
        });
        return super.append(lease, kept, checkpoint, place);
      }
    },
  },
  'counts no runs of workers': {
    laws: ['the workers that live'],
    Store: class extends WorkingStore {
      override readonly workers = changed((this.inner as Required<typeof this.inner>).workers, {
        live: async (isGone) =>
          (await (this.inner as Required<typeof this.inner>).workers.live(isGone)).map((worker) => ({
            ...worker,
            runCount: 0,
          })),
      });
    },
  },
  'takes every run for stranded that is due': {
    laws: ['the runs that are stranded'],
    Store: class extends WorkingStore {
      override readonly workers = changed((this.inner as Required<typeof this.inner>).workers, {
        stranded: (limit) => (this.inner as Required<typeof this.inner>).workers.stranded(limit, () => true),
      });
    },
  },
};
