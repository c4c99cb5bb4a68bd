// Stores that drop too much of a run that is not recorded, too early, or under its readers.
import { RepriseError } from '../../../src/base/error.ts';
import type { Entry } from '../../../src/explore/index.ts';
import type { Recordings } from '../../../src/port/recordings.ts';
import { WorkingStore } from './working-store.ts';
import type { BrokenStore } from './working-store.ts';

export const brokenRecordings: Readonly<Record<string, BrokenStore>> = {
  'deletes what a reader is about to look up': {
    laws: ['a reader gets every entry of a run whose bodies'],
    Store: class extends WorkingStore {
      #dropped = 0;
      override readonly recordings: Recordings = changed(this, {
        dropBodies: (run, keeps) => {
          this.#dropped += 1;
          return keptBy(this).dropBodies(run, keeps);
        },
      });
      override async *read(runId: string, from?: number, limit?: number): AsyncGenerator<Entry> {
        const before = this.#dropped;
        for await (const entry of super.read(runId, from, limit)) {
          if (this.#dropped > before)
            throw new RepriseError('store-unreadable', 'a part is missing', { nextStep: 'No.' });
          yield entry;
        }
      }
    },
  },
  'drops chunks with the other bodies': {
    laws: ['chunks stay where only other bodies are dropped'],
    Store: class extends WorkingStore {
      override readonly recordings: Recordings = changed(this, {
        dropBodies: (run) => keptBy(this).dropBodies(run, 'nothing'),
      });
    },
  },
  'forgets that it has kept chunks': {
    laws: ['a run that keeps its chunks is given out once'],
    Store: class extends WorkingStore {
      override readonly recordings: Recordings = changed(this, {
        reserve: (query) => (query.stage === 'not-recorded' ? [] : keptBy(this).reserve(query)),
      });
    },
  },
  'begins the tries of a copied recording again': {
    laws: ['what is kept of a recording'],
    Store: class extends WorkingStore {
      override readonly recordings: Recordings = changed(this, {
        kept: (runId) => keptBy(this).kept?.(runId),
        keep: (runId, recording) => keptBy(this).keep?.(runId, { ...recording, tries: 0 }),
      });
    },
  },
  'drops what a resume has made its own': {
    laws: ['nothing is dropped of a failed run that was resumed'],
    Store: class extends WorkingStore {
      override readonly recordings: Recordings = changed(this, {
        dropBodies: (run, keeps) => {
          for (const token of [run.token + 1, run.token]) keptBy(this).dropBodies({ ...run, token }, keeps);
          return false;
        },
      });
    },
  },
};

function keptBy({ inner }: WorkingStore): Recordings {
  return inner.recordings as Recordings;
}

function changed(store: WorkingStore, by: Partial<Recordings>): Recordings {
  const recordings = keptBy(store);
  return {
    reserve: (query) => recordings.reserve(query),
    mark: (run, mark) => recordings.mark(run, mark),
    wantedCount: (graph, limit) => recordings.wantedCount(graph, limit),
    bytesOf: (runId) => recordings.bytesOf(runId),
    dropBodies: (run, keeps) => recordings.dropBodies(run, keeps),
    ...by,
  };
}
