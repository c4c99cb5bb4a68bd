// A model of a store, in a page: what any sequence of operations by several owners must give.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RepriseError } from '../../src/base/error.ts';
import type { Entry } from '../../src/journal/entry.ts';
import type { Lease, RunStatus, RunStore } from '../../src/port/store.ts';
import { collected, endEntry, eventEntry, runEntry } from '../support/journals.ts';

interface ModelRun {
  owner: number | undefined;
  status: RunStatus;
  /** The numbers that were written, each once in the whole case. */
  readonly written: number[];
}

/** `lease`: which of all leases ever given, so that most of them are void. */
type Operation =
  | { readonly kind: 'create' | 'take'; readonly run: number; readonly connection: number }
  | { readonly kind: 'append'; readonly lease: number; readonly count: number; readonly connection: number }
  | { readonly kind: 'end' | 'release'; readonly lease: number; readonly connection: number };

const connections = fc.nat({ max: 1 });
const runs = fc.nat({ max: 2 });
const leases = fc.nat({ max: 30 });

const operations: fc.Arbitrary<readonly Operation[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom('create' as const, 'take' as const), run: runs, connection: connections }),
    fc.record({
      kind: fc.constant('append' as const),
      lease: leases,
      count: fc.nat({ max: 3 }),
      connection: connections,
    }),
    fc.record({ kind: fc.constantFrom('end' as const, 'release' as const), lease: leases, connection: connections }),
  ),
  { maxLength: 40 },
);

export async function checkModel(connect: () => readonly [RunStore, RunStore], numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(operations, async (list) => {
      const stores = connect();
      const model = new StoreModel();
      for (const operation of list) await model.check(stores[operation.connection] as RunStore, operation);
      for (const store of stores) await model.checkAll(store);
      for (const store of stores) await store.close();
    }),
    { numRuns },
  );
}

class StoreModel {
  readonly #runs = new Map<string, ModelRun>();
  /** All leases ever given, the last first, and whose they are. */
  readonly #leases: { readonly lease: Lease; readonly owner: number }[] = [];
  #count = 0;

  async check(store: RunStore, operation: Operation): Promise<void> {
    if ('run' in operation) return this.#obtain(store, `run-${operation.run}`, operation.kind);
    const held = this.#leases[operation.lease % Math.max(this.#leases.length, 1)];
    if (held === undefined) return;
    const run = this.#runs.get(held.lease.runId) as ModelRun;
    const expected = run.owner === held.owner ? 'done' : 'lease-lost';
    if (operation.kind === 'release') {
      assert.equal(await outcome(() => store.release(held.lease)), expected);
      if (expected === 'done') Object.assign(run, { owner: undefined, status: 'interrupted' });
      return;
    }
    const numbers = Array.from({ length: operation.kind === 'append' ? operation.count : 1 }, () => this.#count++);
    const added: Entry[] = numbers.map((ordinal) => eventEntry('1.0#1', { ordinal }));
    if (operation.kind === 'end') added.push(endEntry());
    assert.equal(await outcome(() => store.append(held.lease, added)), expected);
    if (expected !== 'done') return;
    run.written.push(...numbers);
    if (operation.kind === 'end') Object.assign(run, { owner: undefined, status: 'done' });
  }

  async #obtain(store: RunStore, runId: string, kind: 'create' | 'take'): Promise<void> {
    return kind === 'create' ? this.#create(store, runId) : this.#take(store, runId);
  }

  async #create(store: RunStore, runId: string): Promise<void> {
    const before = this.#runs.get(runId);
    const result = await outcome(() => store.create(runEntry(runId)));
    if (before !== undefined) return assert.equal(result, 'run-exists');
    this.#runs.set(runId, { owner: this.#hold(result), status: 'running', written: [] });
  }

  async #take(store: RunStore, runId: string): Promise<void> {
    const run = this.#runs.get(runId);
    const result = await outcome(() => store.take(runId));
    if (run === undefined) return assert.equal(result, 'run-unknown');
    if (run.status === 'done') return assert.equal(result, 'run-ended');
    Object.assign(run, { owner: this.#hold(result), status: 'running' });
  }

  #hold(result: Lease | string): number {
    assert.ok(typeof result === 'object', `a lease was expected, not ${String(result)}`);
    for (const { lease } of this.#leases.filter((held) => held.lease.runId === result.runId))
      assert.ok(lease.token < result.token, 'a later lease has a higher token');
    this.#leases.unshift({ lease: result, owner: this.#leases.length });
    return this.#leases.length - 1;
  }

  async checkAll(store: RunStore): Promise<void> {
    const listed = await store.list({ limit: 1_000 });
    assert.deepEqual(
      listed.map(({ runId }) => runId),
      [...this.#runs.keys()].reverse(),
    );
    for (const [runId, { status, written }] of this.#runs) {
      const journal = await collected(store.read(runId));
      const numbers = journal.flatMap((entry) => (entry.kind === 'event' ? [entry.ordinal] : []));
      assert.deepEqual(numbers, written);
      const summary = await store.find(runId);
      assert.deepEqual([summary?.status, summary?.entryCount], [status, journal.length]);
    }
  }
}

async function outcome(call: () => unknown): Promise<Lease | string> {
  try {
    return ((await call()) as Lease | undefined) ?? 'done';
  } catch (thrown) {
    if (thrown instanceof RepriseError) return thrown.code;
    throw thrown;
  }
}
