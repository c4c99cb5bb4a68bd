import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { liveClock } from '../../../src/live/clock.ts';
import { liveEntropy } from '../../../src/live/entropy.ts';

describe('liveClock', () => {
  it('fires once after its delay, unless it is taken back', async () => {
    const fired: string[] = [];
    const begin = liveClock.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    liveClock.setTimer(20, () => {
      fired.push('kept');
      resolve();
    });
    const takeBack = liveClock.setTimer(5, () => fired.push('taken back'));
    takeBack();
    await promise;
    await pause(10);
    expect(fired).toEqual(['kept']);
    expect(liveClock.now() - begin).toBeGreaterThanOrEqual(19);
    takeBack();
  });

  it('does not fire a timer of more than 24 days at once', async () => {
    const fire = vi.fn();
    const takeBack = liveClock.setTimer(2 ** 31 + 5, fire);
    await pause(20);
    expect(fire).not.toHaveBeenCalled();
    takeBack();
  });
});

describe('liveEntropy', () => {
  it('makes ids that sort by time and are not made twice', async () => {
    const early = liveEntropy.runId();
    await pause(5);
    const late = Array.from({ length: 1_000 }, () => liveEntropy.runId());
    expect(early).toMatch(/^run-[0-9a-z]{16}$/);
    expect(new Set(late).size).toBe(1_000);
    for (const id of late) expect(early < id).toBe(true);
  });

  it('makes seeds of 64 bits', () => {
    expect(liveEntropy.seed()).toMatch(/^[0-9a-f]{16}$/);
    expect(liveEntropy.seed()).not.toBe(liveEntropy.seed());
  });
});
