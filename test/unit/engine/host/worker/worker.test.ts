import { describe, expect, it } from 'vitest';
import { RepriseError } from '../../../../../src/base/error.ts';
import { Worker } from '../../../../../src/engine/host/worker/worker.ts';
import type { DueRun } from '../../../../../src/engine/host/worker/worker.ts';
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

  it('takes a run up again of which its store has gone back, and says so each time', async () => {
    const host = new TellingHost();
    const failed: string[] = [];
    const onError = (thrown: unknown, runId: string | undefined): void =>
      void failed.push(`${runId} ${(thrown as RepriseError).code}`);
    const worker = new Worker(host, new ManualClock(), { onError }, { watch: host.watchDue });
    for (let time = 0; time < 2; time += 1) {
      const wentBack = new RepriseError('store-went-back', 'it holds less', { nextStep: 'See why.' });
      host.next = [{ runId: 'run-1', result: Promise.reject(wentBack) }];
      host.onDue();
      await settled();
    }
    expect(host.skipped).toEqual([]);
    expect(failed).toEqual(['run-1 store-went-back', 'run-1 store-went-back']);
    await worker.stop();
  });
});
