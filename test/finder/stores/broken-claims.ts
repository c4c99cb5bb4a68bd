// Stores that give a worker other runs than are due, or not to it alone.
import type { ClaimedRun, DueQuery, Lease, Release, RunSummary } from '../../../src/explore/index.ts';
import { WorkingStore, awhile } from './working-store.ts';
import type { BrokenStore } from './working-store.ts';

export const brokenClaims: Readonly<Record<string, BrokenStore>> = {
  'claims more than it was asked for': {
    laws: ['the due runs that are claimed'],
    Store: class extends WorkingStore {
      override claimDue(query: DueQuery): ReturnType<WorkingStore['claimDue']> {
        return super.claimDue({ ...query, limit: query.limit + 1 });
      }
    },
  },
  'claims what was to be left alone': {
    laws: ['the due runs that are claimed'],
    Store: class extends WorkingStore {
      override claimDue({ skip: _skip, ...query }: DueQuery): ReturnType<WorkingStore['claimDue']> {
        return super.claimDue(query);
      }
    },
  },
  'claims runs of one graph only': {
    laws: ['the due runs that are claimed'],
    Store: class extends WorkingStore {
      override claimDue(query: DueQuery): ReturnType<WorkingStore['claimDue']> {
        return super.claimDue({ ...query, graphs: query.graphs.slice(0, 1) });
      }
    },
  },
  'says what a claimed run has become': {
    laws: ['the due runs that are claimed'],
    Store: class extends WorkingStore {
      override async claimDue(query: DueQuery): Promise<readonly ClaimedRun[]> {
        const claimed = await super.claimDue(query);
        return claimed.map((run) => ({ ...run, was: { ...run.was, status: 'running' } }));
      }
    },
  },
  'claims for nobody': {
    laws: ["a run that was claimed is its owner's"],
    Store: class extends WorkingStore {
      override async claimDue(query: DueQuery): Promise<readonly ClaimedRun[]> {
        const claimed = await super.claimDue(query);
        return claimed.map(({ was }) => ({ was, lease: this.inner.take(was.runId) as Lease }));
      }
    },
  },
  'lists, and takes what it has listed from its owner of by then': {
    laws: ['of several that claim at once, one gets'],
    Store: class extends WorkingStore {
      override async claimDue({ graphs, limit }: DueQuery): Promise<readonly ClaimedRun[]> {
        const due = await this.inner.due(graphs[0]?.name as string, limit);
        await awhile();
        return due.map((was) => ({ was, lease: this.inner.take(was.runId) as Lease }));
      }
    },
  },
  'puts nothing back in the queue': {
    laws: ['a run that was claimed from the queue'],
    Store: class extends WorkingStore {
      override release(lease: Lease, release?: Release): ReturnType<WorkingStore['release']> {
        return super.release(lease, release?.status === 'queued' ? { status: 'interrupted' } : release);
      }
    },
  },
  'serves what was asked for first': {
    laws: ['of the runs that are due the oldest of the tenant'],
    Store: class extends WorkingStore {
      override create(...[run, ...given]: Parameters<WorkingStore['create']>): ReturnType<WorkingStore['create']> {
        const { tenant: _tenant, ...observed } = run.observed;
        return super.create({ ...run, observed }, ...given);
      }
    },
  },
  'gives a tenant as much as there is': {
    laws: ['no tenant has more runs driven'],
    Store: class extends WorkingStore {
      override claimDue({
        maxRunsPerTenant: _maxRunsPerTenant,
        ...query
      }: DueQuery): ReturnType<WorkingStore['claimDue']> {
        return super.claimDue(query);
      }
    },
  },
  'counts what tenants have before it waits for the claims of others': {
    laws: ['of several that claim at once, none exceeds'],
    Store: class extends WorkingStore {
      override async claimDue({ maxRunsPerTenant, ...query }: DueQuery): Promise<readonly ClaimedRun[]> {
        const running = (this.inner.list({ status: 'running' }) as readonly RunSummary[]).length;
        await awhile();
        const limit = Math.min(query.limit, (maxRunsPerTenant ?? Number.POSITIVE_INFINITY) - running);
        return super.claimDue({ ...query, limit });
      }
    },
  },
};
