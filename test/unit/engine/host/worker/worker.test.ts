import { describe, expect, it, vi } from 'vitest';
import { RepriseError } from '../../../../../src/base/error.ts';
import { Worker } from '../../../../../src/engine/host/worker/worker.ts';
import type { DueRun } from '../../../../../src/engine/host/worker/worker.ts';
import { createEngine, fields, graph, last, memoryStore } from '../../../../../src/index.ts';
import type { AnyGraph, RunSummary } from '../../../../../src/index.ts';
import { keptStore } from '../../../../support/changed-store.ts';
import { ManualClock } from '../../../../support/manual-clock.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A host whose store tells of due runs. `next`: what its next round finds. */
class TellingHost {
  rounds = 0;
  isWatched = false;
  next: DueRun[] = [];
  onDue: () => void = () => undefined;
  /** What was to be left alone at the last round. */
  skipped: readonly string[] = [];

  async resumeDue(_limit: number, skip: ReadonlySet<string>): Promise<readonly DueRun[]> {
    this.skipped = [...skip];
    this.rounds += 1;
    await turn();
    return this.next.splice(0);
  }

  readonly watchDue = (onDue: () => void) => {
    this.isWatched = true;
    this.onDue = onDue;
    return {
      isLive: true,
      stop: () => {
        this.isWatched = false;
      },
    };
  };
}

/** Its failure is heard of when a round has found it. */
function failed(runId: string, error: RepriseError): DueRun {
  const result = Promise.reject<undefined>(error);
  result.catch(() => undefined);
  return { runId, result };
}

async function settled(): Promise<void> {
  for (let count = 0; count < 10; count += 1) await turn();
}

describe('a worker whose store tells of due runs', () => {
  it('looks once for what it is told between two rounds, and once more for what it is told during one', async () => {
    const host = new TellingHost();
    const clock = new ManualClock();
    const worker = new Worker(host, clock, {}, { watch: host.watchDue });
    await settled();
    expect(host.rounds).toBe(1);
    host.onDue();
    host.onDue();
    await settled();
    expect(host.rounds).toBe(2);
    host.onDue();
    await turn();
    host.onDue();
    await settled();
    expect(host.rounds).toBe(4);
    await clock.advance(1_000);
    await settled();
    expect(host.rounds).toBe(5);
    await worker.stop();
    expect(host.isWatched).toBe(false);
  });

  it('waits for its time while a run is tried again that it has given back, which is told as well', async () => {
    const host = new TellingHost();
    const clock = new ManualClock();
    const failed: string[] = [];
    const fails = async (): Promise<never> => {
      for (let count = 0; count < 3; count += 1) await turn();
      throw new RepriseError('store-full', 'the disk is full', { nextStep: 'Free some space.' });
    };
    host.next = [{ runId: 'run-1', result: fails() }];
    const worker = new Worker(
      host,
      clock,
      { onError: (_thrown, runId) => failed.push(String(runId)) },
      { watch: host.watchDue },
    );
    await settled();
    const before = host.rounds;
    host.onDue();
    await settled();
    expect([host.rounds, failed]).toEqual([before, ['run-1']]);
    await clock.advance(1_000);
    await settled();
    expect(host.rounds).toBe(before + 1);
    await worker.stop();
  });

  it('is not watched by a worker of one round', async () => {
    const host = new TellingHost();
    const worker = new Worker(host, new ManualClock(), { isOnce: true }, { watch: host.watchDue });
    await worker.done;
    expect(host.isWatched).toBe(false);
  });

  describe('takes a run up again of which its store has gone back', () => {
    const wentBack = (count: number): RepriseError =>
      new RepriseError('store-went-back', 'it holds less', { nextStep: 'See why.', fields: { count } });
    function opened() {
      const host = new TellingHost();
      const clock = new ManualClock();
      const told: string[] = [];
      const onError = (thrown: unknown, runId: string | undefined): void =>
        void told.push(`${runId} ${(thrown as RepriseError).code} ${String((thrown as RepriseError).fields.count)}`);
      const worker = new Worker(host, clock, { onError }, { watch: host.watchDue });
      /** What the next round of this worker finds, and whether it is told of it. */
      const tried = async (run: DueRun): Promise<void> => {
        host.next = [run];
        host.onDue();
        await settled();
        await clock.advance(1_000);
        await settled();
      };
      return { host, clock, told, worker, tried };
    }

    it('and says so once for each time that it goes back', async () => {
      const { host, told, worker, tried } = opened();
      for (const count of [3, 3, 3, 2, 2]) await tried(failed('run-1', wentBack(count)));
      expect(told).toEqual(['run-1 store-went-back 3', 'run-1 store-went-back 2']);
      expect(host.skipped).toEqual([]);
      // It has been driven in between, so the same is another time.
      await tried({ runId: 'run-1', result: Promise.resolve(undefined) });
      await tried(failed('run-1', wentBack(2)));
      expect(told).toHaveLength(3);
      await worker.stop();
    });

    it('at once, and not without a pause if it meets the same again', async () => {
      const { host, clock, worker } = opened();
      await settled();
      const before = host.rounds;
      host.next = [failed('run-1', wentBack(3))];
      host.onDue();
      await settled();
      // The one that it was told of, and one since a run was over.
      expect(host.rounds).toBe(before + 2);
      host.next = [failed('run-1', wentBack(3))];
      host.onDue();
      await settled();
      expect(host.rounds).toBe(before + 3);
      host.onDue();
      await settled();
      expect(host.rounds).toBe(before + 3);
      await clock.advance(1_000);
      await settled();
      expect(host.rounds).toBe(before + 4);
      await worker.stop();
    });

    it('and says that its store fails as well', async () => {
      const { told, worker, tried } = opened();
      for (let time = 0; time < 2; time += 1) await tried(failed('run-1', wentBack(3)));
      const full = new RepriseError('store-full', 'the disk is full', { nextStep: 'Free some space.' });
      for (let time = 0; time < 2; time += 1) await tried(failed('run-1', full));
      expect(told).toEqual(['run-1 store-went-back 3', 'run-1 store-full undefined']);
      await worker.stop();
    });

    it('and says once that its store fails, if it failed right after', async () => {
      const { told, worker, tried } = opened();
      const full = new RepriseError('store-full', 'the disk is full', { nextStep: 'Free some space.' });
      await tried(failed('run-1', wentBack(3)));
      for (let time = 0; time < 3; time += 1) await tried(failed('run-1', full));
      expect(told).toEqual(['run-1 store-went-back 3', 'run-1 store-full undefined']);
      await worker.stop();
    });
  });

  it('looks at once again when another worker has taken what it had to try again', async () => {
    const host = new TellingHost();
    const clock = new ManualClock();
    host.next = [failed('run-1', new RepriseError('store-full', 'the disk is full', { nextStep: 'Free some space.' }))];
    const worker = new Worker(host, clock, {}, { watch: host.watchDue });
    await settled();
    // The next round finds it no more.
    await clock.advance(1_000);
    await settled();
    const before = host.rounds;
    host.onDue();
    await settled();
    expect(host.rounds).toBe(before + 1);
    await worker.stop();
  });
});

describe('a worker that could not resume a run', () => {
  const refused = (runId: string): DueRun =>
    failed(runId, new RepriseError('run-not-resumable', 'it has another graph', { nextStep: 'See why.' }));

  it('leaves it alone until somebody has continued it', async () => {
    const host = new TellingHost();
    const clock = new ManualClock();
    const counts = new Map([
      ['first', 3],
      ['second', 3],
    ]);
    const store = { find: async (runId: string) => ({ entryCount: counts.get(runId) }) as RunSummary };
    const told: string[] = [];
    const onError = (_error: unknown, runId?: string): void => void told.push(String(runId));
    host.next = [refused('first'), refused('second')];
    const worker = new Worker(host, clock, { onError }, { watch: host.watchDue, store });
    await settled();
    for (let round = 0; round < 3; round += 1) {
      await clock.advance(1_000);
      await settled();
      expect(host.skipped.toSorted()).toEqual(['first', 'second']);
    }
    counts.set('second', 5);
    // It is looked at less often while nothing changes.
    for (let round = 0; round < 4; round += 1) {
      await clock.advance(1_000);
      await settled();
    }
    expect(host.skipped).toEqual(['first']);
    expect(told).toEqual(['first', 'second']);
    await worker.stop();
  });

  it('takes one up again that was continued as soon as it was given back', async () => {
    const host = new TellingHost();
    const clock = new ManualClock();
    const store = { find: async () => ({ status: 'paused', entryCount: 8 }) as RunSummary };
    host.next = [{ ...refused('first'), refusedAt: () => 3 }, refused('second')];
    const worker = new Worker(host, clock, {}, { watch: host.watchDue, store });
    await settled();
    await clock.advance(1_000);
    await settled();
    expect(host.skipped).toEqual(['second']);
    await worker.stop();
  });

  it('takes it up again once it was continued under its own graph', async () => {
    const store = memoryStore();
    const desk = (extra: boolean): AnyGraph => {
      const begun = graph('desk', { state: fields({ item: last('') }) })
        .node('approve', async (_state, { ask }) => void (await ask('ok?')))
        .node('audit', () => undefined)
        .node('ship', async (_state, { receive }) => ({ delta: { item: String(await receive('item')) } }));
      const edged = extra ? begun.edge('approve', 'audit').edge('audit', 'ship') : begun.edge('approve', 'ship');
      return edged.start('approve').build() as unknown as AnyGraph;
    };
    const old = createEngine(desk(false), { store: keptStore(store) });
    expect((await old.run({} as never, { runId: 'desk-1' })).status).toBe('paused');
    await old.close();
    const told: unknown[] = [];
    await using worked = createEngine(desk(true), { store: keptStore(store) });
    worked.work({ pollMs: 20, onError: (error) => told.push((error as RepriseError).code) });
    await worked.answer('desk-1', undefined, true);
    await vi.waitFor(() => expect(told).toEqual(['run-not-resumable']), { timeout: 30_000 });
    const operator = createEngine(desk(true), { store: keptStore(store) });
    expect((await operator.resume('desk-1', { force: true })).status).toBe('paused');
    await operator.close();
    await worked.send('desk-1', 'item', 'T1');
    await vi.waitFor(async () => expect((await store.find('desk-1'))?.status).toBe('done'), { timeout: 30_000 });
    expect(told).toEqual(['run-not-resumable']);
  });
});
