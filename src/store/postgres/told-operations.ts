// Tells how long each operation of a store took, as its caller sees it. A store that nobody hears stays as it is.
import type { RunEntry } from '../../journal/entry.ts';
import type { Errands } from '../../port/errands.ts';
import type { Recordings, ReservedRun } from '../../port/recordings.ts';
import type { Lease, PrunableStore } from '../../port/store.ts';
import type { Workers } from '../../port/workers.ts';
import { elapsedMs } from '../store-time.ts';
import { guarded } from './server/metrics.ts';

/** An operation of a store that is over. */
export interface StoreOperation {
  /**
   * The method of the store: `append`, `create`, `take`, `claimDue`, `read`. Those of its parts are named with the part, such as
   * `workers.announce` or `recordings.reserve`.
   */
  readonly name: string;
  /** The run that it is about, if it is about one. */
  readonly runId?: string;
  /**
   * How long its caller waited for it, in milliseconds: until an append was durable, with everything that was repeated. What the
   * caller does between the entries that it reads is no part of `read`.
   */
  readonly tookMs: number;
  /** What it threw. */
  readonly error?: unknown;
}

/**
 * Gets each operation of a PostgreSQL store as it ends, in the asynchronous context of its caller. So a span that is made of it
 * belongs to what the caller is traced as.
 *
 * ```ts
 * import { PGlite } from '@electric-sql/pglite';
 * import { postgresStore } from 'reprise/postgres';
 *
 * const database = await PGlite.create();
 * const store = postgresStore(database, {
 *   onOperation: ({ name, runId }) => console.log(name, runId), // find desk-1
 * });
 * await store.find('desk-1');
 * await store.close();
 * await database.close();
 * ```
 */
export type OnOperation = (operation: StoreOperation) => void;

type MethodsOf<Part> = {
  readonly [Name in keyof Part as NonNullable<Part[Name]> extends (...given: never[]) => unknown
    ? Name
    : never]-?: NonNullable<Part[Name]>;
};

/** Of each operation of a part of the store, which run it is about. */
type RunsOf<Part> = {
  readonly [Name in keyof MethodsOf<Part>]: (
    ...given: MethodsOf<Part>[Name] extends (...given: infer Given) => unknown ? Given : never
  ) => string | undefined;
};

const none = (): undefined => undefined;
const named = (runId: string): string => runId;
const held = ({ runId }: Lease | ReservedRun): string => runId;

/** Neither the end of a store nor what it listens to is waited for by a run; it has no forks of its own. */
const ofStore: RunsOf<Omit<PrunableStore, 'close' | 'watch' | 'fork'>> = {
  time: none,
  create: (run: RunEntry) => run.observed.runId,
  take: named,
  append: held,
  dropChunks: held,
  release: held,
  renew: none,
  cancelRequests: none,
  requestCancel: named,
  requestedCancel: named,
  send: named,
  inbox: named,
  due: none,
  claimDue: none,
  label: named,
  labels: named,
  read: named,
  checkpoint: named,
  find: named,
  changes: none,
  list: none,
  delete: named,
  prune: none,
};
const ofRecordings: RunsOf<Recordings> = {
  reserve: none,
  mark: held,
  wantedCount: none,
  bytesOf: named,
  kept: named,
  keep: named,
  dropBodies: held,
};
const ofWorkers: RunsOf<Workers> = { announce: none, withdraw: none, live: none, stranded: none };
const ofErrands: RunsOf<Errands> = {
  handOut: none,
  journals: none,
  of: named,
  ended: named,
  drop: named,
  waiting: none,
};

/** Of this store each operation is told from now on. What its hearer throws reaches no run. */
export function tellOperations(store: PrunableStore, onOperation: OnOperation): void {
  const told = guarded('onOperation', onOperation);
  tellPart(store, '', ofStore, told);
  tellPart(store.recordings, 'recordings.', ofRecordings, told);
  tellPart(store.workers, 'workers.', ofWorkers, told);
  tellPart(store.errands, 'errands.', ofErrands, told);
}

type Method = (...given: never[]) => unknown;
type About = Pick<StoreOperation, 'name' | 'runId'>;

function tellPart(
  part: object | undefined,
  prefix: string,
  runs: Readonly<Record<string, (...given: never[]) => string | undefined>>,
  told: OnOperation,
): void {
  for (const [key, runOf] of Object.entries(runs)) {
    const method = (part as Readonly<Record<string, Method | undefined>> | undefined)?.[key]?.bind(part);
    if (method === undefined) continue;
    const name = `${prefix}${key}`;
    const value = (...given: never[]): unknown => {
      const runId = runOf(...given);
      const about: About = runId === undefined ? { name } : { name, runId };
      if (key === 'read') return toldReading(about, method(...given) as AsyncIterable<unknown>, told);
      return toldCall(about, () => method(...given), told);
    };
    Object.defineProperty(part, key, { value });
  }
}

async function toldCall(about: About, call: () => unknown, told: OnOperation): Promise<unknown> {
  const begun = elapsedMs();
  try {
    const result = await call();
    told({ ...about, tookMs: elapsedMs() - begun });
    return result;
  } catch (error) {
    told({ ...about, tookMs: elapsedMs() - begun, error });
    throw error;
  }
}

/** It is over at its end, or when its reader leaves. */
async function* toldReading(
  about: About,
  entries: AsyncIterable<unknown>,
  told: OnOperation,
): AsyncGenerator<unknown, void, undefined> {
  let tookMs = 0;
  let begun = elapsedMs();
  let failed: Pick<StoreOperation, 'error'> = {};
  try {
    for await (const entry of entries) {
      tookMs += elapsedMs() - begun;
      yield entry;
      begun = elapsedMs();
    }
    tookMs += elapsedMs() - begun;
  } catch (error) {
    tookMs += elapsedMs() - begun;
    failed = { error };
    throw error;
  } finally {
    told({ ...about, tookMs, ...failed });
  }
}
