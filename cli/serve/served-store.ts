// The runs of a store, read again for each page: a run that is being written is shown as far as it is.
import { openRun } from '../../src/replay/index.ts';
import { RepriseError } from '../../src/index.ts';
import type { RunStatus } from '../../src/index.ts';
import type { ExportOptions } from '../../src/record/index.ts';
import { openStore } from '../project/store/open-store.ts';
import { waitsOf } from '../project/store/stored-run.ts';
import { runStatuses, storedRuns } from '../project/store/stored-runs.ts';
import { isFound, listedMax } from './served-runs.ts';
import type { ServedList, ServedOpen, ServedQuery, ServedRun, ServedRuns } from './served-runs.ts';

/** A search reads no more than this many runs at a time. */
const lookedAtMax = 5_000;

export interface StoreOptions {
  /** How its runs are redacted; absent for those who want them raw. */
  readonly redact?: ExportOptions['redact'];
}

export function servedStore(path: string, title: string, { redact }: StoreOptions): ServedRuns {
  const isKnown = (status: string): status is RunStatus => runStatuses.some((known) => known === status);
  return {
    title,
    statuses: runStatuses,

    async list(query: ServedQuery): Promise<ServedList> {
      const { status, after } = query;
      const store = openStore(path, 'read');
      const runs: ServedRun[] = [];
      let lookedAt = 0;
      try {
        for await (const run of storedRuns(store, { after, status: isKnown(status) ? status : undefined })) {
          const { runId, graph, step, createdAt } = run;
          const served = { name: runId, graph, status: run.status, steps: step, began: createdAt };
          if (runs.length === listedMax) return { runs, hasMore: true };
          if (isFound(served, query)) runs.push(served);
          lookedAt += 1;
          if (lookedAt === lookedAtMax) return { runs, hasMore: true, stoppedAt: runId };
        }
        return { runs, hasMore: false };
      } finally {
        await store.close();
      }
    },

    async open(name: string): Promise<ServedOpen | undefined> {
      const store = openStore(path, 'read');
      try {
        const opened = await openRun({
          kind: 'stored',
          store,
          runId: name,
          ...(redact === undefined ? {} : { redact }),
        });
        return { opened, waitsFor: opened.summary === undefined ? [] : await waitsOf(store, opened.summary) };
      } catch (thrown) {
        if (thrown instanceof RepriseError && thrown.code === 'run-unknown') return undefined;
        throw thrown;
      }
    },
  };
}
