import { describe, expect, it } from 'vitest';
import { AssertionFault } from '../../../../src/base/assert.ts';
import { RunStop } from '../../../../src/engine/run/run-stop.ts';

describe('a run that stops', () => {
  it('is going until then, and tells its listener once', () => {
    const stop = new RunStop('run');
    const reasons: unknown[] = [];
    stop.whenStopping((reason) => reasons.push(reason));
    expect([stop.current, stop.isSuspension, reasons]).toEqual([undefined, false, []]);
    stop.interrupt();
    stop.cancel('later');
    expect(stop.current).toEqual({ kind: 'interrupted' });
    expect(reasons).toHaveLength(1);
  });

  it('tells a listener that comes later at once', () => {
    const stop = new RunStop('run');
    stop.cancel('no more');
    const reasons: unknown[] = [];
    stop.whenStopping((reason) => reasons.push(reason));
    expect(reasons).toEqual([expect.objectContaining({ code: 'run-cancelled', cause: 'no more' })]);
    expect(() => stop.whenStopping(() => undefined)).toThrow(AssertionFault);
  });

  it.each([
    [
      'a cancel',
      (stop: RunStop) => stop.cancel('why'),
      { kind: 'ended', end: { status: 'cancelled', reason: 'why' } },
      false,
    ],
    [
      'a cancel with what no journal holds',
      (stop: RunStop) => stop.cancel(() => 1),
      { kind: 'ended', end: { status: 'cancelled', reason: '() => 1' } },
      false,
    ],
    [
      'a time limit',
      (stop: RunStop) => stop.expire(5),
      { kind: 'ended', end: { status: 'failed', error: expect.objectContaining({ code: 'limit-reached' }) } },
      false,
    ],
    ['a pause', (stop: RunStop) => stop.pause(), { kind: 'paused' }, true],
    ['a close', (stop: RunStop) => stop.interrupt(), { kind: 'interrupted' }, true],
    [
      'a divergence',
      (stop: RunStop) => stop.diverge(new Error('d')),
      { kind: 'diverged', error: new Error('d') },
      false,
    ],
    ['a store that fails', (stop: RunStop) => stop.fail('broken', 'disk'), { kind: 'broken', thrown: 'disk' }, false],
    [
      'a fault',
      (stop: RunStop) => stop.fail('faulty', new Error('f')),
      { kind: 'faulty', thrown: new Error('f') },
      false,
    ],
  ] as const)('keeps the first reason: %s', (_name, first, expected, isSuspension) => {
    const stop = new RunStop('run');
    first(stop);
    stop.pause();
    stop.cancel('another');
    expect(stop.current).toEqual(expected);
    expect(stop.isSuspension).toBe(isSuspension);
  });
});
