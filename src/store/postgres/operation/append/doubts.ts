// Claims in doubt: their answers were lost, so they may have taken runs that nobody here knows of, or may come late and take
// some yet. What such a claim has taken would be left to an owner that lives and does not drive it. So would be a run that its
// owner has ended or released on a server that went back. A claim that is under way is no doubt yet: its answer may be late by
// as long as a silent connection is waited for.
import type { Lease } from '../../../../port/store.ts';
import { elapsedMs } from '../../../store-time.ts';
import { pauseInBackground } from '../../../row/pause.ts';
import { newNonce, storedName } from '../../row/names.ts';
import { nextToken } from '../../row/token.ts';
import { dueOf } from '../../server/notifications.ts';
import type { Told } from '../../server/notifications.ts';
import type { Ranges } from '../../server/ranges.ts';
import type { Answer, Server, Statement } from '../../server/server.ts';
import type { StoreClock } from '../../server/store-clock.ts';

/** A statement that is later than this is thought to come no more. */
const lateMs = 600_000;
/** How often it is looked at most for what an owner has unknown to it. */
const strayLookMs = 500;

const givenBack = (s: string): string => `status = 'interrupted', owner = NULL, until = NULL, past = r.token,
      token = ${nextToken(s)}, settled = pg_current_xact_id()`;

const giveBack: Statement = {
  name: 'give_back',
  text: (s) => `UPDATE ${s}.run r SET ${givenBack(s)}
    WHERE r.owner = $1 AND r.status = 'running' AND r.nonce = ANY ($2::uuid[]) AND r.token <> ALL ($3::bigint[])
    RETURNING r.graph`,
};

const strays: Statement = {
  name: 'strays',
  text: (s) =>
    `SELECT r.token FROM ${s}.run r
    WHERE r.owner = $1 AND r.status = 'running' AND r.token <> ALL ($2::bigint[]) AND r.nonce <> ALL ($3::uuid[])`,
};

const giveBackStrays: Statement = {
  name: 'give_back_strays',
  text: (s) => `UPDATE ${s}.run r SET ${givenBack(s)}
    WHERE r.owner = $1 AND r.status = 'running' AND r.token = ANY ($2::bigint[]) RETURNING r.graph`,
};

interface Doubt {
  readonly nonce: string;
  /** The tokens of the leases that its caller was given. */
  readonly known: readonly number[];
}

export class Doubts {
  /** The nonces of claims that are under way, by owner as it is stored. */
  readonly #claiming = new Map<string, Set<string>>();
  /** By owner, as it is stored. */
  readonly #doubts = new Map<string, Set<Doubt>>();
  /** The tokens that were known to nobody at the last look, by owner. */
  readonly #strays = new Map<string, ReadonlySet<number>>();
  readonly #lookedAt = new Map<string, number>();

  /** Until it is over, what the claim takes is not given back. */
  begin(owner: string, nonce: string): void {
    const name = storedName(owner);
    const claiming = this.#claiming.get(name) ?? new Set();
    this.#claiming.set(name, claiming.add(nonce));
  }

  end(owner: string, nonce: string): void {
    const name = storedName(owner);
    const claiming = this.#claiming.get(name);
    claiming?.delete(nonce);
    if (claiming?.size === 0) this.#claiming.delete(name);
  }

  /** `known`: the tokens of the leases that its caller was given. */
  add(owner: string, nonce: string, known: readonly number[]): void {
    const name = storedName(owner);
    const doubts = this.#doubts.get(name) ?? new Set();
    const doubt = { nonce, known };
    this.#doubts.set(name, doubts.add(doubt));
    void pauseInBackground(lateMs).then(() => {
      doubts.delete(doubt);
      if (doubts.size === 0) this.#doubts.delete(name);
    });
  }

  /**
   * Gives back what these claims have taken and nobody here knows of: it was interrupted, and is due. Returns what is to be
   * told.
   */
  async settle(server: Server, owner: string): Promise<readonly Told[]> {
    const name = storedName(owner);
    const doubts = [...(this.#doubts.get(name) ?? [])];
    if (doubts.length === 0) return [];
    const nonces = doubts.map(({ nonce }) => nonce);
    const tokens = doubts.flatMap(({ known }) => known);
    return (await server.rows(giveBack, [name, nonces, tokens])).map(({ graph }) => dueOf(String(graph)));
  }

  /**
   * Gives back what this owner has under no lease that is known and by no claim that is under way, at the second look: at the
   * first such a claim may have begun since. Returns what is to be told.
   */
  async settleStrays(server: Server, owner: string, known: () => readonly number[]): Promise<readonly Told[]> {
    const name = storedName(owner);
    const now = elapsedMs();
    if (now - (this.#lookedAt.get(name) ?? Number.NEGATIVE_INFINITY) < strayLookMs) return [];
    this.#lookedAt.set(name, now);
    const before = this.#strays.get(name);
    const open = [...(this.#claiming.get(name) ?? [])];
    const found = (await server.rows(strays, [name, known(), open])).map(({ token }) => Number(token));
    if (found.length === 0) this.#strays.delete(name);
    else this.#strays.set(name, new Set(found));
    // A claim may have been over, and its lease not known yet, when it was asked for.
    const held = known();
    const again = found.filter((token) => before?.has(token) === true && !held.includes(token));
    if (again.length === 0) return [];
    return (await server.rows(giveBackStrays, [name, again])).map(({ graph }) => dueOf(String(graph)));
  }
}

/** What claims are judged by. */
export interface Claims {
  readonly clock: StoreClock;
  readonly doubts: Doubts;
  /** What gives new runs a place for their rows. */
  readonly ranges: Ranges;
}

/** How a claim asks the server: its nonce is left in the rows that it takes. */
export interface Claiming {
  readonly nonce: string;
  ask(statement: Statement, values: readonly unknown[]): Promise<Answer>;
}

/** Does something that claims runs for an owner, and returns its result with the leases that the caller has then. */
export async function claiming<Result>(
  server: Server,
  doubts: Doubts,
  owner: string | undefined,
  claim: (how: Claiming) => Promise<readonly [Result, readonly Lease[]]>,
): Promise<Result> {
  const nonce = newNonce();
  if (owner !== undefined) doubts.begin(owner, nonce);
  let isInDoubt = false;
  let known: readonly number[] = [];
  const ask = async (...given: Parameters<Claiming['ask']>): Promise<Answer> => {
    const isClear = !isInDoubt;
    isInDoubt = true;
    const answer = await server.ask(...given);
    if (isClear) isInDoubt = answer.wasRepeated;
    return answer;
  };
  try {
    const [result, leases] = await claim({ nonce, ask });
    known = leases.map(({ token }) => token);
    return result;
  } finally {
    if (owner !== undefined) {
      doubts.end(owner, nonce);
      if (isInDoubt) doubts.add(owner, nonce, known);
    }
  }
}
