// Says what a run that a statement did not change is like.
import type { RepriseError } from '../../../base/error.ts';
import type { Lease, RunStatus } from '../../../port/store.ts';
import { leaseLost, runUnknown, takeIsGone } from '../../run-error.ts';
import type { Server, Statement } from '../server/server.ts';
import { storedName } from '../row/names.ts';

export interface FoundRun {
  readonly id: string;
  readonly number: unknown;
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
    `SELECT id, number, status, token, past, nonce, last, owner, cancel, takeovers FROM ${s}.run WHERE id = ANY ($1::text[])`,
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
  return found.token < token ? takeIsGone(runId) : leaseLost(runId);
}

export function unknownRun(server: Server, runId: string): RepriseError {
  return runUnknown(runId, server.shown, 'List its runs with `npx reprise list`.');
}
