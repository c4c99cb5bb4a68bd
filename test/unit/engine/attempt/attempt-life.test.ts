import { fields, graph } from 'reprise';
import { beforeEach, describe, expect, it } from 'vitest';
import { AssertionFault } from '../../../../src/base/assert.ts';
import { AttemptLife } from '../../../../src/engine/attempt/attempt-life.ts';
import { attemptKey, stepKey, taskKey } from '../../../../src/journal/key.ts';
import { testRun } from '../../../support/run-parts.ts';
import type { TestRun } from '../../../support/run-parts.ts';

const timed = graph('timed', { state: fields({}) })
  .node('work', () => undefined, { timeoutMs: 100 })
  .start('work')
  .build();
const reason = new Error('stopped');

let run: TestRun;
let life: AttemptLife;
let slots: string[];
let expired: number[];
/** No slot is free: those that ask for one wait here. */
let isFull: boolean;
let queued: ((hasSlot: boolean) => void)[];
beforeEach(async () => {
  run = await testRun(timed);
  slots = [];
  expired = [];
  isFull = false;
  queued = [];
  const key = attemptKey(taskKey(stepKey('', 1), 0), 1);
  life = new AttemptLife(
    {
      parts: run.parts,
      graph: timed.spec,
      key,
      number: 1,
      node: timed.spec.nodes.get('work') as never,
      state: {},
      input: undefined,
      world: {
        drawKey: key,
        answer: () => ({ kind: 'perform' }),
        run: (node) => node(),
        settle: (result) => result,
        watch: (timeoutMs, expire) => run.clock.setTimer(timeoutMs, expire),
      },
      mayRepeat: false,
      due: 0,
      owner: {
        attemptEnded: () => undefined,
        mayRetry: () => false,
        giveSlot: () => slots.push('give'),
        takeSlotAgain: (resume) => {
          slots.push('take');
          if (isFull) queued.push(resume);
          else resume(true);
        },
      },
    },
    { expire: (timeoutMs) => void expired.push(timeoutMs) },
  );
});

describe('an attempt', () => {
  it('is open while it runs and waits, and not when it is over', () => {
    expect(life.isOpen).toBe(true);
    life.isWaiting = true;
    expect(life.isOpen).toBe(true);
    life.isWaiting = false;
    life.end();
    expect([life.isOpen, life.stopReason]).toEqual([false, undefined]);
  });

  it('is never open again', () => {
    life.end();
    life.isWaiting = true;
    expect(life.isOpen).toBe(false);
    expect(() => life.end()).toThrow(AssertionFault);
    expect(() => life.end(reason)).toThrow(AssertionFault);
    expect(() => life.stop(reason)).toThrow(AssertionFault);
  });

  it('has no time running while it waits, and then the rest of it', () => {
    life.startTime();
    run.clock.step(60);
    life.isWaiting = true;
    run.clock.step(1_000);
    life.isWaiting = false;
    run.clock.step(39);
    expect(expired).toEqual([]);
    run.clock.step(1);
    expect(expired).toEqual([100]);
  });

  it('takes a slot again before what it waited for reaches it, and its time stands still until then', () => {
    life.startTime();
    run.clock.step(60);
    life.isWaiting = true;
    isFull = true;
    const reached: string[] = [];
    life.isWaiting = false;
    life.whenRunning(() => reached.push('the answer'));
    run.clock.step(1_000);
    expect([slots, reached, expired]).toEqual([['give', 'take'], [], []]);
    queued.shift()?.(true);
    expect(reached).toEqual(['the answer']);
    life.whenRunning(() => reached.push('another'));
    expect(reached).toEqual(['the answer', 'another']);
    run.clock.step(40);
    expect(expired).toEqual([100]);
  });

  it('gives a slot back that it gets when it waits again, and is given nothing once it is over', () => {
    isFull = true;
    life.isWaiting = true;
    life.isWaiting = false;
    life.isWaiting = true;
    queued.shift()?.(true);
    expect(slots).toEqual(['give', 'take', 'give', 'give']);
    life.isWaiting = false;
    let reached = 0;
    life.whenRunning(() => (reached += 1));
    life.stop(reason);
    queued.shift()?.(false);
    expect(reached).toBe(0);
  });

  it('gives its slot while it waits for a reader, and its time stands still', async () => {
    life.startTime();
    run.clock.step(60);
    const room = Promise.withResolvers<void>();
    const paused = life.pausedFor(room.promise);
    run.clock.step(1_000);
    expect([slots, expired]).toEqual([['give'], []]);
    room.resolve();
    await paused;
    expect(slots).toEqual(['give', 'take']);
    run.clock.step(40);
    expect(expired).toEqual([100]);
  });

  it.each(['the answer', 'the reader'])(
    'that waits for people and a reader has no time running: first comes %s',
    async (first) => {
      life.startTime();
      run.clock.step(60);
      const room = Promise.withResolvers<void>();
      const paused = life.pausedFor(room.promise);
      life.isWaiting = true;
      const answered = (): void => {
        life.isWaiting = false;
      };
      const read = async (): Promise<void> => {
        room.resolve();
        await paused;
      };
      await (first === 'the answer' ? answered : read)();
      run.clock.step(1_000);
      expect(expired).toEqual([]);
      await (first === 'the answer' ? read : answered)();
      run.clock.step(40);
      expect([expired, run.clock.timerCount]).toEqual([[100], 0]);
    },
  );

  it('takes no slot again if it is over by then', async () => {
    const room = Promise.withResolvers<void>();
    const paused = life.pausedFor(room.promise);
    life.stop(reason);
    room.resolve();
    await paused;
    expect([slots, run.clock.timerCount]).toEqual([['give'], 0]);
  });

  it('aborts its signal with the reason, also where that is asked for later', () => {
    const { signal } = life;
    life.end(reason);
    expect([signal.aborted, signal.reason, life.stopReason]).toEqual([true, reason, reason]);
    expect(life.signal).toBe(signal);
  });

  it('makes a signal that is aborted already', () => {
    life.stop(reason);
    expect(life.signal.reason).toBe(reason);
  });

  it('may still run when it is over, until its code has settled', () => {
    let settled = 0;
    life.whenSettled(() => (settled += 1));
    life.stop(reason);
    expect([life.mayStillRun, settled]).toEqual([true, 0]);
    life.codeSettled();
    expect([life.mayStillRun, settled]).toEqual([false, 1]);
    life.whenSettled(() => (settled += 1));
    expect(settled).toBe(2);
  });

  it.each([
    ['a pause', () => run.parts.stop.pause(), false],
    ['a close', () => run.parts.stop.interrupt(), false],
    ['a cancel', () => run.parts.stop.cancel('no'), true],
    ['a failure of another task', () => undefined, true],
  ])('that waits is suspended by a pause or a close alone, and then not waited for: %s', (_name, stop, mayStillRun) => {
    life.isWaiting = true;
    stop();
    life.stop(reason);
    expect(life.mayStillRun).toBe(mayStillRun);
  });

  it('that does not wait is told by a pause too', () => {
    run.parts.stop.pause();
    life.stop(reason);
    expect(life.mayStillRun).toBe(true);
  });
});
