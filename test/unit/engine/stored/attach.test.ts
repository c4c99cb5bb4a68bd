import { describe, expect, it } from 'vitest';
import { RepriseError } from '../../../../src/base/error.ts';
import { attach, attachOrTakeOver, isAnothers } from '../../../../src/engine/stored/attach.ts';
import type { AttachSetup } from '../../../../src/engine/stored/attach.ts';
import type { AnyRun } from '../../../../src/graph/types/run-types.ts';
import { memoryStore } from '../../../../src/store/memory/memory.ts';
import { commitEntry, endEntry, runEntry } from '../../../support/journals.ts';

const pollMs = 100;

/** A run that another process drives, and a clock that does the next of these things at each wait. */
function runningRun(...events: readonly (() => void)[]) {
  let now = 0;
  const store = memoryStore({ now: () => now });
  const claim = { owner: 'other', leaseMs: 1_000_000 };
  const lease = store.create(runEntry('run'), [commitEntry('0', { input: { text: 'hi' } })], claim);
  if (lease instanceof Promise) throw new TypeError('a store in memory answers at once');
  const waits: number[] = [];
  const setup: AttachSetup = {
    store,
    pollMs,
    checkOpen: nothing,
    clock: {
      now: () => now,
      setTimer: (delayMs, fire) => {
        events[waits.length]?.();
        now += delayMs;
        waits.push(now);
        queueMicrotask(fire);
        return () => undefined;
      },
    },
  };
  return { setup, store, lease, waits };
}

const nothing = (): void => undefined;
const nowhere = (): undefined => undefined;
const resumed = { id: 'run', status: 'done' } as AnyRun;

describe('attaching to a run', () => {
  it('looks again until no process drives it, and reads its result', async () => {
    const run = runningRun(nothing, nothing, () => void run.store.append(run.lease, [endEntry({ step: 0 })]));
    expect(await attach(run.setup, 'run')).toMatchObject({ status: 'done', state: { text: 'hi' }, steps: 0 });
    expect(run.waits).toEqual([100, 200, 300]);
  });

  it.each([{ status: 'interrupted' }, { status: 'paused', wakeAt: 5 }] as const)(
    'ends when the run was given back: %j',
    async (release) => {
      const run = runningRun(() => void run.store.release(run.lease, release));
      expect(await attach(run.setup, 'run')).toMatchObject({ ...release, state: { text: 'hi' } });
    },
  );

  it('refuses a run that the store does not have', async () => {
    await expect(attach(runningRun().setup, 'none')).rejects.toMatchObject({
      code: 'run-unknown',
      fields: { runId: 'none' },
    });
  });
});

describe('attaching to a run, or taking it over', () => {
  const owned = new RepriseError('run-owned', 'owned', { nextStep: '' });

  it('resumes at once where that is possible', async () => {
    const run = runningRun();
    expect(
      await attachOrTakeOver(run.setup, 'run', { driven: nowhere, takeOver: async () => resumed, everyMs: 250 }),
    ).toBe(resumed);
    expect(run.waits).toEqual([]);
  });

  it('tries again in its interval while another process drives the run', async () => {
    const run = runningRun();
    const tries: number[] = [];
    const resume = async (): Promise<AnyRun> => {
      tries.push(run.setup.clock.now());
      if (tries.length < 3) throw owned;
      return resumed;
    };
    expect(await attachOrTakeOver(run.setup, 'run', { driven: nowhere, takeOver: resume, everyMs: 250 })).toBe(resumed);
    expect(tries).toEqual([0, 300, 600]);
  });

  it('reads the result of a run that has ended or paused meanwhile', async () => {
    const run = runningRun(nothing, () => void run.store.release(run.lease, { status: 'paused' }));
    const resume = async (): Promise<AnyRun> => {
      throw owned;
    };
    expect(await attachOrTakeOver(run.setup, 'run', { driven: nowhere, takeOver: resume, everyMs: 250 })).toMatchObject(
      { status: 'paused' },
    );
  });

  it('resumes a run that was interrupted, and does not take that for its end', async () => {
    const run = runningRun(() => void run.store.release(run.lease));
    let count = 0;
    const resume = async (): Promise<AnyRun> => {
      count += 1;
      if (count === 1) throw owned;
      return resumed;
    };
    expect(await attachOrTakeOver(run.setup, 'run', { driven: nowhere, takeOver: resume, everyMs: 100 })).toBe(resumed);
    expect(count).toBe(2);
  });

  it('has the result of the engine that drives it, and looks further where that has lost it', async () => {
    const run = runningRun();
    const driven = async (): Promise<AnyRun> => resumed;
    const never = async (): Promise<AnyRun> => Promise.reject(new Error('taken over'));
    expect(await attachOrTakeOver(run.setup, 'run', { driven, takeOver: never, everyMs: 250 })).toBe(resumed);
    const lost = [Promise.reject<AnyRun>(new RepriseError('lease-lost', '', { nextStep: '' }))];
    const how = { driven: () => lost.pop(), takeOver: async () => resumed, everyMs: 250 };
    expect(await attachOrTakeOver(run.setup, 'run', how)).toBe(resumed);
  });

  it('waits for the time of a queued run, and drives it then', async () => {
    const run = runningRun();
    const queue = { status: 'queued', wakeAt: 250 } as const;
    await run.store.create(runEntry('later'), [commitEntry('0', { input: { text: 'hi' } })], queue);
    const takeOver = async (): Promise<AnyRun> => ({ ...resumed, id: `at ${run.setup.clock.now()}` });
    const attached = await attachOrTakeOver(run.setup, 'later', { driven: nowhere, takeOver, everyMs: 50 });
    expect(attached.id).toBe('at 300');
  });

  it('passes on every error that is not about another process', async () => {
    const refused = new RepriseError('resume-diverged', 'diverged', { nextStep: '' });
    const resume = async (): Promise<AnyRun> => {
      throw refused;
    };
    await expect(
      attachOrTakeOver(runningRun().setup, 'run', { driven: nowhere, takeOver: resume, everyMs: 250 }),
    ).rejects.toBe(refused);
    await expect(
      attachOrTakeOver(runningRun().setup, 'none', { driven: nowhere, takeOver: resume, everyMs: 250 }),
    ).rejects.toMatchObject({
      code: 'run-unknown',
    });
  });
});

describe('an error of a resume', () => {
  const error = (code: RepriseError['code'], fields = {}): RepriseError =>
    new RepriseError(code, '', { nextStep: '', fields });

  it.each([
    [error('run-owned'), true],
    [error('lease-lost'), true],
    [error('run-ended'), true],
    // With its status: the run ended between the look and the try.
    [error('run-not-resumable', { status: 'done' }), true],
    // Without: this graph does not fit it.
    [error('run-not-resumable'), false],
    [error('run-unknown'), false],
    [new Error('run-owned'), false],
    ['run-owned', false],
  ])('%s is about another process: %s', (thrown, expected) => {
    expect(isAnothers(thrown)).toBe(expected);
  });
});
