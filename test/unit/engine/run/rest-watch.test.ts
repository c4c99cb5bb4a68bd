import { beforeEach, describe, expect, it } from 'vitest';
import { AssertionFault } from '../../../../src/base/assert.ts';
import { RestWatch } from '../../../../src/engine/run/rest-watch.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

let clock = new ManualClock(1_000);
let pauses = 0;
let rest: RestWatch;
beforeEach(() => {
  clock = new ManualClock(1_000);
  pauses = 0;
  rest = new RestWatch({ clock, parkMs: 100, pause: () => (pauses += 1) });
});

/** One task begins, and the scope waits for it. */
function oneTask(): void {
  rest.enter();
  rest.leave();
}

describe('a run', () => {
  it('rests a turn after all that is left waits', () => {
    oneTask();
    rest.wait();
    expect(pauses).toBe(0);
    clock.step(0);
    expect(pauses).toBe(1);
  });

  it('does not rest while a task is busy, or when a wait ends within the turn', () => {
    oneTask();
    rest.enter();
    rest.wait();
    clock.step(0);
    expect(pauses).toBe(0);
    rest.leave();
    rest.wake();
    clock.step(0);
    expect(pauses).toBe(0);
  });

  it('does not rest when nothing waits: that is its end', () => {
    oneTask();
    rest.leave();
    clock.step(0);
    expect(pauses).toBe(0);
  });

  it('ends a step that has failed instead, the innermost first', () => {
    const asked: string[] = [];
    const step = (name: string, hasFailed: boolean) => ({
      endIfFailed: () => {
        asked.push(name);
        return hasFailed;
      },
    });
    rest.openStep(step('outer', true));
    rest.openStep(step('inner', false));
    const closed = step('closed', true);
    rest.openStep(closed);
    rest.closeStep(closed);
    oneTask();
    rest.wait();
    clock.step(0);
    expect([asked, pauses]).toEqual([['inner', 'outer'], 0]);
  });

  it('wakes when the first of its long waits is over', () => {
    expect([rest.isLong(99), rest.isLong(100), rest.wakeAt]).toEqual([false, true, undefined]);
    const ends = [rest.addLongWait(500), rest.addLongWait(300), rest.addLongWait(400)];
    expect(rest.wakeAt).toBe(300);
    ends[1]?.();
    expect(rest.wakeAt).toBe(400);
  });

  it('counts a leave or a wake too many as a fault of Reprise', () => {
    oneTask();
    rest.leave();
    expect(() => rest.leave()).toThrow(AssertionFault);
    expect(() => rest.wake()).toThrow(AssertionFault);
  });
});
