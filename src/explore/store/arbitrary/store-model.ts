// A small model of a store: the expected results of any sequence of operations by several owners.
import assert from 'node:assert/strict';
import type { Arbitrary } from 'fast-check';
import { RepriseError } from '../../../base/error.ts';
import type { CancelRequest, Claim, Lease, Release, RunStatus, RunStore } from '../../../port/store.ts';
import type { FastCheck } from '../../fast-check.ts';
import { idsOf } from '../law-assert.ts';
import { collected, endOf, eventsUpTo, runEntry } from '../law-entries.ts';
import { isPrunable } from '../store-law.ts';
import type { LawTime } from '../store-law.ts';

/** `lease` picks from all leases ever granted, so most picks are void. `owner` 0 means nobody. */
export type Operation = { readonly connection: number } & (
  | { readonly kind: 'create' | 'take'; readonly run: number; readonly owner: number }
  | { readonly kind: 'append'; readonly lease: number; readonly count: number }
  | { readonly kind: 'done' | 'failed' | 'interrupted' | 'paused'; readonly lease: number; readonly wakeIn: number }
  | { readonly kind: 'renew' | 'requests'; readonly owner: number }
  | { readonly kind: 'cancel' | 'delete'; readonly run: number }
  | { readonly kind: 'wait'; readonly ms: number }
);

export function arbitraryOperations(fc: FastCheck): Arbitrary<readonly Operation[]> {
  const connection = fc.nat({ max: 1 });
  const run = fc.nat({ max: 2 });
  const owner = fc.nat({ max: 2 });
  const lease = fc.nat({ max: 30 });
  const obtain = fc.record({ connection, kind: fc.constantFrom('create', 'take'), run, owner });
  const append = fc.record({ connection, kind: fc.constant('append'), lease, count: fc.nat({ max: 3 }) });
  const gives = fc.constantFrom('done', 'failed', 'interrupted', 'paused');
  const give = fc.record({ connection, kind: gives, lease, wakeIn: fc.integer({ min: -1, max: 30 }) });
  const hear = fc.record({ connection, kind: fc.constantFrom('renew', 'requests'), owner });
  const ask = fc.record({ connection, kind: fc.constantFrom('cancel', 'delete'), run });
  const wait = fc.record({ connection, kind: fc.constant('wait'), ms: fc.nat({ max: 12 }) });
  const one = fc.oneof(
    { arbitrary: obtain, weight: 4 },
    { arbitrary: append, weight: 3 },
    { arbitrary: give, weight: 2 },
    { arbitrary: hear, weight: 1 },
    { arbitrary: ask, weight: 1 },
    { arbitrary: wait, weight: 1 },
  );
  return fc.array(one, { maxLength: 50, size: 'max' }) as Arbitrary<readonly Operation[]>;
}

const leaseMs = 10;

interface ModelRun {
  /** The number of the valid lease, among all ever granted. */
  holder: number | undefined;
  owner: string | undefined;
  status: RunStatus;
  wakeAt: number | undefined;
  cancel: CancelRequest | undefined;
  /** The numbers written so far, each unique in the whole case. */
  readonly written: number[];
}

export class StoreModel {
  readonly #runs = new Map<string, ModelRun>();
  readonly #claims = new Map<string, number>();
  /** All leases ever granted, the latest first. */
  readonly #leases: { readonly lease: Lease; readonly number: number }[] = [];
  #count = 0;
  readonly #time: LawTime;

  constructor(time: LawTime) {
    this.#time = time;
  }

  async check(store: RunStore, operation: Operation): Promise<void> {
    switch (operation.kind) {
      case 'create':
        return this.#create(store, `run-${operation.run}`, this.#claim(operation.owner));
      case 'take':
        return this.#take(store, `run-${operation.run}`, this.#claim(operation.owner));
      case 'renew':
      case 'requests':
        return this.#hear(store, operation.kind, this.#claim(Math.max(operation.owner, 1)) as Claim);
      case 'cancel':
        return this.#cancel(store, `run-${operation.run}`);
      case 'delete':
        return this.#delete(store, `run-${operation.run}`);
      case 'wait':
        this.#time.now += operation.ms;
        return;
      default:
        return this.#write(store, operation);
    }
  }

  #claim(owner: number): Claim | undefined {
    return owner === 0 ? undefined : { owner: `owner ${owner}`, leaseMs };
  }

  #isClaimed(run: ModelRun): boolean {
    return run.status === 'running' && run.owner !== undefined && (this.#claims.get(run.owner) ?? 0) > this.#time.now;
  }

  async #create(store: RunStore, runId: string, claim: Claim | undefined): Promise<void> {
    const numbers = [this.#count++];
    const result = await outcome(() => store.create(runEntry(runId), eventsUpTo(1, numbers[0]), claim));
    if (this.#runs.has(runId)) return assert.equal(result, 'run-exists');
    this.#runs.set(runId, {
      holder: this.#hold(result, claim),
      owner: claim?.owner,
      status: 'running',
      wakeAt: undefined,
      cancel: undefined,
      written: numbers,
    });
  }

  async #take(store: RunStore, runId: string, claim: Claim | undefined): Promise<void> {
    const run = this.#runs.get(runId);
    const result = await outcome(() => store.take(runId, claim));
    if (run === undefined) return assert.equal(result, 'run-unknown');
    if (run.status === 'done') return assert.equal(result, 'run-ended');
    if (claim !== undefined && claim.owner !== run.owner && this.#isClaimed(run))
      return assert.equal(result, 'run-owned');
    Object.assign(run, {
      holder: this.#hold(result, claim),
      owner: claim?.owner,
      status: 'running',
      wakeAt: undefined,
    });
  }

  #hold(result: unknown, claim: Claim | undefined): number {
    assert.ok(typeof result === 'object' && result !== null, `expected a lease, got ${String(result)}`);
    const lease = result as Lease;
    for (const { lease: before } of this.#leases.filter((held) => held.lease.runId === lease.runId))
      assert.ok(before.token < lease.token, 'a later lease must have a higher token');
    if (claim !== undefined) this.#claims.set(claim.owner, this.#time.now + leaseMs);
    const number = this.#leases.length;
    this.#leases.unshift({ lease, number });
    return number;
  }

  async #write(store: RunStore, operation: Extract<Operation, { readonly lease: number }>): Promise<void> {
    const held = this.#leases[operation.lease % Math.max(this.#leases.length, 1)];
    if (held === undefined) return;
    const run = this.#runs.get(held.lease.runId);
    const refusal = run === undefined ? 'run-unknown' : run.holder === held.number ? undefined : 'lease-lost';
    const { kind } = operation;
    if (kind === 'interrupted' || kind === 'paused') {
      const release = releaseOf(kind, operation.wakeIn < 0 ? undefined : this.#time.now + operation.wakeIn);
      assert.equal(await outcome(() => store.release(held.lease, release)), refusal);
      if (refusal !== undefined) return;
      const wakeAt = release.status === 'paused' ? release.wakeAt : undefined;
      Object.assign(run as ModelRun, { holder: undefined, owner: undefined, status: kind, wakeAt });
      return;
    }
    const numbers = Array.from({ length: kind === 'append' ? operation.count : 1 }, () => this.#count++);
    const added = numbers.flatMap((number) => eventsUpTo(1, number));
    const result = await outcome(() => store.append(held.lease, kind === 'append' ? added : [...added, endOf(kind)]));
    if (refusal !== undefined) return assert.equal(result, refusal);
    assert.deepEqual(result, run?.cancel);
    run?.written.push(...numbers);
    if (kind !== 'append') Object.assign(run as ModelRun, { holder: undefined, owner: undefined, status: kind });
  }

  async #hear(store: RunStore, kind: 'renew' | 'requests', claim: Claim): Promise<void> {
    const heard = await (kind === 'renew' ? store.renew(claim) : store.cancelRequests(claim.owner));
    if (kind === 'renew') this.#claims.set(claim.owner, this.#time.now + leaseMs);
    const expected = [...this.#runs.values()].flatMap((run) =>
      run.status === 'running' && run.owner === claim.owner && run.cancel !== undefined ? [run.cancel] : [],
    );
    const byRun = (left: CancelRequest, right: CancelRequest): number => (left.runId < right.runId ? -1 : 1);
    assert.deepEqual([...heard].sort(byRun), expected.sort(byRun));
  }

  async #cancel(store: RunStore, runId: string): Promise<void> {
    const run = this.#runs.get(runId);
    const reason = { number: this.#count++ };
    const result = await outcome(() => store.requestCancel(runId, reason));
    if (run === undefined) return assert.equal(result, 'run-unknown');
    if (run.status === 'done' || run.status === 'failed') return assert.equal(result, 'run-ended');
    assert.equal(result, undefined);
    run.cancel ??= { runId, reason };
  }

  async #delete(store: RunStore, runId: string): Promise<void> {
    if (!isPrunable(store)) return;
    const run = this.#runs.get(runId);
    const result = await outcome(() => store.delete(runId));
    if (run === undefined) return assert.equal(result, 'run-unknown');
    if (this.#isClaimed(run)) return assert.equal(result, 'run-owned');
    assert.equal(result, undefined);
    this.#runs.delete(runId);
  }

  async checkAll(store: RunStore): Promise<void> {
    const oldestFirst = [...this.#runs.keys()];
    assert.deepEqual(idsOf(await store.list({ limit: 1_000 })), [...oldestFirst].reverse());
    const due = oldestFirst.filter((runId) => this.#isDue(this.#runs.get(runId) as ModelRun));
    assert.deepEqual(idsOf(await store.due('desk', 1_000)), due);
    for (const [runId, { status, wakeAt, written }] of this.#runs) {
      const journal = await collected(store.read(runId));
      const numbers = journal.flatMap((entry) => (entry.kind === 'event' ? [entry.ordinal] : []));
      assert.deepEqual(numbers, written);
      const found = await store.find(runId);
      // A run that is due at once says no time.
      const told = wakeAt === 0 ? undefined : wakeAt;
      assert.deepEqual([found?.status, found?.wakeAt, found?.entryCount], [status, told, journal.length]);
    }
  }

  #isDue(run: ModelRun): boolean {
    if (run.status === 'running') return !this.#isClaimed(run);
    if (run.status === 'paused')
      return run.cancel !== undefined || (run.wakeAt !== undefined && run.wakeAt <= this.#time.now);
    return run.status === 'interrupted';
  }
}

function releaseOf(status: 'interrupted' | 'paused', wakeAt: number | undefined): Release {
  return status === 'interrupted' ? { status } : { status, ...(wakeAt === undefined ? {} : { wakeAt }) };
}

/** The result of a call, or the code of the error that it throws. */
async function outcome(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (thrown) {
    if (thrown instanceof RepriseError) return thrown.code;
    throw thrown;
  }
}
