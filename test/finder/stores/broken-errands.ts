// Stores that confuse the tasks of runs with runs, or with each other.
import type { Errands, PruneQuery, RunQuery, RunSummary } from '../../../src/explore/index.ts';
import { WorkingStore } from './working-store.ts';
import type { BrokenStore } from './working-store.ts';

export const brokenErrands: Readonly<Record<string, BrokenStore>> = {
  'gives an errand to those who do another kind': {
    laws: ['an errand is due for those'],
    Store: class extends WorkingStore {
      override claimDue({ graphs, ...query }: Parameters<WorkingStore['claimDue']>[0]) {
        const other = graphs.map(({ name }) => ({ name: name.replace('f01', 'f00'), fingerprint: 'f00' }));
        return super.claimDue({ ...query, graphs: other });
      }
    },
  },
  'tells of errands that have not ended': {
    laws: ['the errands of a run that have ended'],
    Store: class extends WorkingStore {
      override get errands(): Errands {
        const { ended, ...errands } = super.errands;
        return {
          ...errands,
          ended: async (runId) => [...(await ended(runId)), ...(await errands.waiting(1)).map(doneOf)],
        };
      }
    },
  },
  'tells of the errands of a run whose id begins alike': {
    laws: ['the errands of a run that have ended'],
    Store: class extends WorkingStore {
      override get errands(): Errands {
        const { ended, ...errands } = super.errands;
        return { ...errands, ended: async (runId) => [...(await ended(runId)), ...(await ended(`${runId}0`))] };
      }
    },
  },
  'names only the errands of a run that have ended': {
    laws: ['all errands of a run are named'],
    Store: class extends WorkingStore {
      override get errands(): Errands {
        const { ended, ...errands } = super.errands;
        return {
          ...errands,
          ended,
          of: async (runId) => (await ended(runId)).map(({ errandId }) => errandId),
        };
      }
    },
  },
  'names the errands of a run whose id begins alike': {
    laws: ['all errands of a run are named'],
    Store: class extends WorkingStore {
      override get errands(): Errands {
        const { of, ...errands } = super.errands;
        return { ...errands, of: async (runId) => [...(await of(runId)), ...(await of(`${runId}0`))] };
      }
    },
  },
  'drops nothing': {
    laws: ['the errands of a run are dropped together'],
    Store: class extends WorkingStore {
      override get errands(): Errands {
        return { ...super.errands, drop: () => undefined };
      }
    },
  },
  'drops the errands of a run that continues': {
    laws: ['the errands of a run are dropped together'],
    Store: class extends WorkingStore {
      override get errands(): Errands {
        const { drop, ...errands } = super.errands;
        return {
          ...errands,
          drop: async (runId, ids) => {
            const all = (await errands.waiting(99)).filter((waiting) => waiting.runId === runId);
            await drop(runId, ids ?? all.map(({ errandId }) => errandId));
          },
        };
      }
    },
  },
  'serves those least who have no tenant': {
    laws: ['a tenant that has many errands'],
    Store: class extends WorkingStore {
      override async claimDue(query: Parameters<WorkingStore['claimDue']>[0]) {
        const due = await this.inner.due('desk', 9);
        const others = due.filter(({ runId }) => runId === 'third').length > 0 ? ['second'] : [];
        return super.claimDue({ ...query, skip: [...(query.skip ?? []), ...others] });
      }
    },
  },
  'lists errands': {
    laws: ['errands are no runs'],
    Store: class extends WorkingStore {
      override async list(query: RunQuery): Promise<readonly RunSummary[]> {
        const errands = await Promise.all((await this.errands.waiting(9)).map(({ errandId }) => this.find(errandId)));
        return [...(await super.list(query)), ...errands.filter((found) => found !== undefined)];
      }
    },
  },
  'prunes what has ended and nobody has read': {
    laws: ['errands are no runs'],
    Store: class extends WorkingStore {
      override async prune(query: PruneQuery): Promise<readonly RunSummary[]> {
        await this.errands.drop(
          'run-1',
          (await this.errands.ended('run-1')).map(({ errandId }) => errandId),
        );
        return super.prune(query);
      }
    },
  },
};

function doneOf({ errandId }: { readonly errandId: string }) {
  return { errandId, status: 'done' } as const;
}
