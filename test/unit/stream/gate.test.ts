// The gate between nodes and the reader that they wait for.
import { describe, expect, it } from 'vitest';
import { Gate } from '../../../src/stream/gate.ts';
import { ManualClock, nextTurn } from '../../support/manual-clock.ts';

const stallMs = 1_000;

function gateWith(highWaterMark: number): { readonly gate: Gate; readonly clock: ManualClock } {
  const clock = new ManualClock();
  return { gate: new Gate({ clock, highWaterMark, stallMs }), clock };
}

/** Whether a promise has been resolved by the end of this turn. */
async function isOpen(room: Promise<void> | undefined): Promise<boolean> {
  let open = false;
  void room?.then(() => {
    open = true;
  });
  await nextTurn();
  return open;
}

describe('a gate', () => {
  it('has room below its mark, and none from there on', () => {
    const { gate, clock } = gateWith(2);
    expect(gate.room()).toBeUndefined();
    gate.gave();
    expect(gate.room()).toBeUndefined();
    gate.gave();
    expect(gate.room()).toBeInstanceOf(Promise);
    expect(gate.ahead).toBe(2);
    expect(clock.delays).toEqual([stallMs]);
  });

  it('lets all nodes that wait go on when half of the room is free, and not before', async () => {
    const { gate, clock } = gateWith(4);
    for (let count = 0; count < 4; count += 1) gate.gave();
    const rooms = [gate.room(), gate.room()];
    expect(rooms[0]).toBe(rooms[1]);
    gate.took();
    expect(await isOpen(rooms[0])).toBe(false);
    gate.took();
    expect(await isOpen(rooms[0])).toBe(true);
    expect(clock.timerCount).toBe(0);
    expect(gate.room()).toBeUndefined();
  });

  it('counts dropped chunks as taken', async () => {
    const { gate } = gateWith(4);
    for (let count = 0; count < 6; count += 1) gate.gave();
    const room = gate.room();
    gate.took(5);
    expect(await isOpen(room)).toBe(true);
    expect(gate.ahead).toBe(1);
  });

  it('lets a reader go that takes nothing for too long, once and for all', async () => {
    const { gate, clock } = gateWith(1);
    gate.gave();
    const room = gate.room();
    expect(gate.isStalled).toBe(false);
    clock.step(stallMs);
    expect(await isOpen(room)).toBe(true);
    expect(gate.isStalled).toBe(true);
    gate.gave();
    expect(gate.room()).toBeUndefined();
    gate.off();
    expect(gate.isStalled).toBe(true);
  });

  it('lets nodes go on when the reader leaves, which is no stall', async () => {
    const { gate, clock } = gateWith(1);
    gate.gave();
    const room = gate.room();
    gate.off();
    gate.off();
    expect(await isOpen(room)).toBe(true);
    expect(clock.timerCount).toBe(0);
    expect([gate.isStalled, gate.room()]).toEqual([false, undefined]);
  });
});
