import { describe, expect, it } from 'vitest';
import { FollowedOrder } from '../../../../../src/engine/run/order/followed-order.ts';
import { StepOrder } from '../../../../../src/engine/run/order/step-order.ts';
import { AttemptOrder } from '../../../../../src/engine/run/order/attempt-order.ts';
import type { Begun } from '../../../../../src/engine/run/order/attempt-order.ts';
import { liveEventLoop } from '../../../../../src/live/event-loop/event-loop.ts';
import type { Quiet } from '../../../../../src/port/event-loop.ts';
import { turns } from '../../../../support/manual-clock.ts';

function followed(places: readonly number[], isWhole = true) {
  const quiet = liveEventLoop.watch();
  const order = new FollowedOrder(liveEventLoop, quiet);
  let brokenCount = 0;
  const broken = (): void => {
    brokenCount += 1;
  };
  const numbers = new Set(places);
  const highest = Math.max(-1, ...places);
  order.openStep({ places: new Map([['1.0#1', places]]), numbers, highest, next: places.length, isWhole, broken });
  const seen: string[] = [];
  const follow = (place: number | undefined, turn: 'at once' | 'same' | 'later', name: string) =>
    order.follow(place, turn, () => seen.push(name));
  return { order, quiet, seen, follow, brokenCount: () => brokenCount };
}

/** Something happens in each turn: all is never quiet. */
function stirInEachTurn(quiet: Quiet): () => void {
  let isOver = false;
  const stir = (): void => {
    if (isOver) return;
    quiet.stir();
    setImmediate(stir);
  };
  stir();
  return () => {
    isOver = true;
  };
}

describe('the order that is followed', () => {
  it('delivers each item when everything with a lower number has happened', async () => {
    const { order, seen, follow, brokenCount } = followed([0, 1, 2, 3, 4]);
    follow(4, 'later', 'four');
    follow(2, 'later', 'two');
    follow(3, 'same', 'three');
    order.happened(0);
    expect(seen).toEqual([]);
    order.happened(1);
    await turns(6);
    expect([seen, brokenCount()]).toEqual([['two', 'three', 'four'], 0]);
  });

  it('delivers at once what came in the turn of its question only if that is asked for', async () => {
    const { seen, follow } = followed([0, 1]);
    follow(0, 'at once', 'start');
    expect(seen).toEqual(['start']);
    follow(1, 'same', 'answer');
    expect(seen).toEqual(['start']);
    await Promise.resolve();
    await new Promise((resolve) => process.nextTick(resolve));
    await turns(1);
    expect(seen).toEqual(['start', 'answer']);
  });

  it('delivers the lowest item that is there when a number does not come, and says so', async () => {
    const { seen, follow, brokenCount } = followed([0, 1, 5, 9]);
    follow(9, 'later', 'nine');
    follow(5, 'later', 'five');
    await turns(12);
    expect([seen, brokenCount()]).toEqual([['five', 'nine'], 1]);
  });

  it('holds up what comes behind an item that is not ready, and delivers both in their order once it is', async () => {
    const { order, quiet, seen, follow, brokenCount } = followed([0, 1]);
    let isReady = false;
    const calm = stirInEachTurn(quiet);
    order.follow(
      0,
      'later',
      () => seen.push('zero'),
      () => isReady,
    );
    follow(1, 'later', 'one');
    await turns(20);
    expect(seen).toEqual([]);
    isReady = true;
    await turns(4);
    calm();
    expect([seen, brokenCount()]).toEqual([['zero', 'one'], 0]);
  });

  it('delivers an item that never gets ready when all is quiet', async () => {
    const { order, seen, follow, brokenCount } = followed([0, 1]);
    const never = (): boolean => false;
    order.follow(0, 'later', () => seen.push('zero'), never);
    follow(1, 'later', 'one');
    order.whenReady(never, () => seen.push('without a number'));
    await turns(20);
    expect([seen, brokenCount()]).toEqual([['zero', 'one', 'without a number'], 0]);
  });

  it('waits no longer for what an attempt that is over has not asked for', async () => {
    const { order, seen, follow, brokenCount } = followed([0, 1, 2]);
    follow(2, 'same', 'two');
    order.left('1.0#1');
    await turns(2);
    expect([seen, brokenCount()]).toEqual([['two'], 0]);
  });

  it('delivers nothing that was withdrawn, and waits for it no longer', async () => {
    const { seen, follow, brokenCount } = followed([0, 1]);
    const withdraw = follow(0, 'later', 'zero');
    follow(1, 'later', 'one');
    withdraw();
    await turns(4);
    expect([seen, brokenCount()]).toEqual([['one'], 0]);
  });

  it('delivers what is new after everything recorded, in a run that is resumed', async () => {
    const { order, seen, follow } = followed([0, 1], false);
    order.after(() => seen.push('new'));
    follow(1, 'later', 'one');
    follow(0, 'later', 'zero');
    follow(undefined, 'later', 'without a number');
    await turns(8);
    expect(seen.toSorted()).toEqual(['new', 'one', 'without a number', 'zero']);
    expect(seen.at(-1)).toBe('new');
    expect(order.isOver).toBe(true);
  });

  it.each([
    ['when all that is recorded has happened', [0, 1]],
    ['when all is quiet and a number does not come', [0, 1, 9]],
  ])(
    'delivers what follows from new answers before it lets the time of an attempt be over, %s',
    async (_when, places) => {
      const { order, seen, follow } = followed(places, false);
      const answer = (name: string): void => {
        seen.push(name);
        void Promise.resolve().then(() => order.after(() => seen.push(`end after ${name}`)));
      };
      order.afterAll(() => seen.push('timeout'));
      order.after(() => answer('first'));
      order.after(() => answer('second'));
      follow(0, 'later', 'zero');
      follow(1, 'later', 'one');
      await turns(20);
      expect(seen.slice(0, 2)).toEqual(['zero', 'one']);
      expect(seen.slice(2).toSorted()).toEqual(['end after first', 'end after second', 'first', 'second', 'timeout']);
      expect(seen.indexOf('first')).toBeLessThan(seen.indexOf('second'));
      expect(seen.at(-1)).toBe('timeout');
    },
  );

  it('delivers what is new in a replay at once', () => {
    const { order, seen } = followed([0, 1]);
    order.after(() => seen.push('new'));
    expect(seen).toEqual(['new']);
  });
});

describe('numbers', () => {
  interface Numbering {
    readonly order: StepOrder;
    readonly attempts: AttemptOrder;
  }

  function numbersOf(isKept: boolean, first: number): Numbering {
    const order = new StepOrder(isKept);
    const attempts = new AttemptOrder(order);
    order.openStep(first);
    attempts.openStep(first);
    return { order, attempts };
  }

  /** An attempt that is due, and starts at once. */
  function begin({ attempts }: Numbering): Begun {
    const due = attempts.due(1);
    return { due, started: attempts.startDue(1) };
  }

  it('are left out where an attempt was alone and had one thing open at a time', () => {
    const numbering = numbersOf(true, 0);
    const { order, attempts } = numbering;
    const begun = begin(numbering);
    const first = order.ask();
    order.close();
    expect(order.isCrowdedSince(first)).toBe(false);
    expect(attempts.end(begun)).toBeUndefined();
  });

  it('are needed while two things are open', () => {
    const numbering = numbersOf(true, 0);
    const { order, attempts } = numbering;
    const begun = begin(numbering);
    const first = order.ask();
    const second = order.ask();
    order.close();
    order.close();
    expect([order.isCrowdedSince(first), order.isCrowdedSince(second)]).toEqual([true, true]);
    const third = order.ask();
    order.close();
    expect(order.isCrowdedSince(third)).toBe(false);
    expect(attempts.end(begun)).toEqual({ started: 0, ended: 4 });
  });

  it('are needed beside a timer and beside another attempt', () => {
    const numbering = numbersOf(true, 7);
    const { order, attempts } = numbering;
    const begun = begin(numbering);
    order.openTimer();
    expect(order.hasTimers).toBe(true);
    expect(order.isCrowdedSince(order.ask())).toBe(true);
    order.close();
    order.closeTimer();
    begin(numbering);
    expect(attempts.end(begun)).toEqual({ started: 7, ended: 10 });
  });

  it('are needed by attempts that waited for one another, although each ran alone', () => {
    const numbering = numbersOf(true, 0);
    const { order, attempts } = numbering;
    const first = begin(numbering);
    attempts.wait();
    const due = [attempts.due(1), attempts.due(1)];
    const asked = order.ask();
    order.close();
    expect(order.isCrowdedSince(asked)).toBe(false);
    expect(attempts.end(first)).toEqual({ started: 0, ended: 2 });
    const second = { due: due[0] as number, started: attempts.startDue(1) };
    attempts.wait();
    expect(attempts.end(second)).toEqual({ started: 3, ended: 4 });
    expect(attempts.end({ due: due[1] as number, started: attempts.startDue(1) })).toEqual({ started: 5, ended: 6 });
  });

  it('are needed by a further attempt that was due beside another one', () => {
    const numbering = numbersOf(true, 0);
    const { attempts } = numbering;
    const other = begin(numbering);
    attempts.end(begin(numbering));
    const due = attempts.due(2);
    attempts.end(other);
    expect(attempts.end({ due, started: attempts.startDue(2) })).toEqual({ started: 4, ended: 5 });
  });

  it('are needed by what starts before a further attempt that is due', () => {
    const numbering = numbersOf(true, 0);
    const { attempts } = numbering;
    expect(attempts.end(begin(numbering))).toBeUndefined();
    const due = attempts.due(2);
    expect(attempts.end(begin(numbering))).toEqual({ started: 2, ended: 3 });
    expect(attempts.end({ due, started: attempts.startDue(2) })).toEqual({ started: 4, ended: 5 });
    const alone = attempts.due(3);
    expect(attempts.end({ due: alone, started: attempts.startDue(3) })).toBeUndefined();
  });

  it('are left out where attempts end in the calls that start them', () => {
    const numbering = numbersOf(true, 0);
    const { attempts } = numbering;
    const due = [attempts.due(1), attempts.due(1)];
    for (const one of due) expect(attempts.end({ due: one, started: attempts.startDue(1) })).toBeUndefined();
    attempts.due(1);
    attempts.giveUp(1);
    const last = begin(numbering);
    attempts.wait();
    expect(attempts.end(last)).toBeUndefined();
  });

  it('are needed by what starts in a step that another process has begun', () => {
    const numbering = numbersOf(true, 2);
    const { attempts } = numbering;
    const last = begin(numbering);
    attempts.wait();
    expect(attempts.end(last)).toEqual({ started: 2, ended: 3 });
  });

  it('are not kept in runs of version 1', () => {
    const numbering = numbersOf(false, 0);
    const { order, attempts } = numbering;
    const begun = begin(numbering);
    begin(numbering);
    expect(order.isCrowdedSince(order.ask())).toBe(false);
    expect(attempts.end(begun)).toBeUndefined();
  });
});
