// The reason of a cancel is the one that was given first, in whichever process it was given.
import { append, cancelStoredRun, createEngine, fields, graph } from 'reprise';
import { describe, expect, it } from 'vitest';
import { ManualClock, settled } from '../../support/manual-clock.ts';
import { engineAt, journalIn, places, runId } from './going-on.ts';

const waiting = graph('waiting', { state: fields({ log: append<string>() }) })
  .node('wait', async (_state, { signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  })
  .start('wait')
  .build();

describe.each(places)('on $name', ({ make }) => {
  it('while a process drives it', async () => {
    const place = make();
    const engine = createEngine(waiting, { store: place() });
    const running = engine.run({}, { runId });
    await settled();
    const other = place();
    expect(await cancelStoredRun(other, runId, 'first')).toBe(true);
    expect(await cancelStoredRun(other, runId, 'second')).toBe(true);
    expect(await running).toMatchObject({ status: 'cancelled', reason: 'first' });
    expect(await cancelStoredRun(other, runId, 'third')).toBe(false);
    await engine.close();
    expect((await journalIn(place)).at(-1)).toMatchObject({ end: { reason: 'first' } });
  });

  it('where its process has died before it learned of the first', async () => {
    const place = make();
    const clock = new ManualClock();
    void engineAt(waiting, place(), clock).run({}, { runId, seed: 'seed' });
    await settled();
    const other = place();
    await other.requestCancel(runId, 'first');
    const engine = engineAt(waiting, place(), new ManualClock(3_600_000));
    expect(await engine.cancel(runId, 'second')).toBe(true);
    expect((await journalIn(place)).at(-1)).toMatchObject({ end: { status: 'cancelled', reason: 'first' } });
    await engine.close();
  });

  it('in one engine', async () => {
    await using engine = createEngine(waiting, { store: make()() });
    const running = engine.run({}, { runId });
    await settled();
    await Promise.all([engine.cancel(runId, 'first'), engine.cancel(runId, 'second')]);
    expect(await running).toMatchObject({ status: 'cancelled', reason: 'first' });
  });
});
