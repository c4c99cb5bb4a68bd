// Says what a run that a statement did not change is like.
import type { RepriseError } from '../../../base/error.ts';
import type { Lease, RunStatus } from '../../../port/store.ts';
import { leaseLost, runUnknown, takeIsGone } from '../../run-error.ts';
import { atText } from '../server/ranges-text.ts';
import type { Server, Statement } from '../server/server.ts';
import { storedName } from '../row/names.ts';

const standsMax = 10_000;

/** A run, and where its rows stand. */
export interface Stand {
  readonly number: unknown;
  /** The number under which they stand. */
  readonly at: unknown;
}

/** Where runs that were read stood: what is read again and again is not looked for each time. */
export class Stands {
  readonly #byRun = new Map<string, Stand>();
  /** Runs that had no checkpoint when they were claimed, until somebody has asked for one or it was written to. */
  readonly #bare = new Set<string>();

  get(runId: string): Stand | undefined {
    return this.#byRun.get(runId);
  }

  set(runId: string, stand: Stand): void {
    if (this.#byRun.size >= standsMax) {
      this.#byRun.clear();
      this.#bare.clear();
    }
    this.#byRun.set(runId, stand);
  }

  /** It was claimed, and nobody else writes to it. `checkpoint`: the length of the last one. */
  claimed(runId: string, stand: Stand, { checkpoint }: { readonly checkpoint: number }): void {
    this.set(runId, stand);
    if (checkpoint === 0) this.#bare.add(runId);
    else this.#bare.delete(runId);
  }

  /** Whether it is known to have no checkpoint: only to the first that asks. */
  isBare(runId: string): boolean {
    return this.#bare.delete(runId);
  }
}

export interface FoundRun extends Stand {
  readonly id: string;
  readonly status: RunStatus;
  readonly token: number;
  /** The token of the lease that was ended last. */
  readonly past: number;
  readonly nonce: string;
  readonly last: number;
  readonly owner: string | null;
  readonly cancel: string | null;
  readonly takeovers: number;
}

const found: Statement = {
  name: 'found',
  text: (s) =>
    `SELECT r.id, r.number, ${atText('r')} AS at, r.status, r.token, r.past, r.nonce, r.last, r.owner, r.cancel, r.takeovers
      FROM ${s}.run r WHERE r.id = ANY ($1::text[])`,
};

/** By the name under which it is stored. */
export async function foundRuns(server: Server, runIds: readonly string[]): Promise<ReadonlyMap<string, FoundRun>> {
  const rows = await server.rows(found, [runIds.map(storedName)]);
  return new Map(
    rows.map((row) => {
      const run = row as unknown as FoundRun;
      // A driver gives numbers of eight bytes as texts.
      return [run.id, { ...run, token: Number(run.token), past: Number(run.past) }];
    }),
  );
}

/** @throws RepriseError `run-unknown` */
export async function foundRun(server: Server, runId: string): Promise<FoundRun> {
  const run = (await foundRuns(server, [runId])).get(storedName(runId));
  if (run === undefined) throw unknownRun(server, runId);
  return run;
}

/** Why a lease is not valid any more. Tokens only rise, unless the server went back. */
export function refusedLease({ runId, token }: Lease, found: FoundRun): RepriseError {
  return found.token < token ? takeIsGone(runId, token) : leaseLost(runId);
}

export function unknownRun(server: Server, runId: string): RepriseError {
  return runUnknown(runId, server.shown, 'List its runs with `npx reprise list`.');
}
