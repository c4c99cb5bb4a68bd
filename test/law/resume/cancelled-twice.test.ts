// The reason of a cancel is the one that was given first, in whichever process it was given.
import { append, cancelStoredRun, createEngine, fields, graph } from 'reprise';
import { describe, expect, it } from 'vitest';
import { ManualClock, settled } from '../../support/manual-clock.ts';
import { endOf, graphOf, runEntry } from '../../../src/explore/store/law-entries.ts';
import type { RunStore } from '../../../src/port/store.ts';
import { engineAt, journalIn, places, runId } from './going-on.ts';

const waiting = graph('waiting', { state: fields({ log: append<string>() }) })
  .node('wait', async (_state, { signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  })
  .start('wait')
  .build();

/** A store in which the owner of a run ends it as soon as a request to cancel it is there. */
function withQuickOwner(store: RunStore, end: () => unknown): RunStore {
  const quick: Partial<RunStore> = {
    requestCancel: async (id, reason) => {
      await store.requestCancel(id, reason);
      await end();
    },
  };
  return new Proxy(store, {
    get: (_, name) => {
      const member: unknown = Reflect.get(name in quick ? quick : store, name);
      return typeof member === 'function' ? member.bind(store) : member;
    },
  });
}

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

  describe.each([
    { status: 'cancelled', isCancelled: true },
    { status: 'done', isCancelled: false },
  ] as const)('where its owner ends it as $status before the cancel looks', ({ status, isCancelled }) => {
    it.each(['cancelStoredRun', 'engine.cancel'])('%s says so', async (way) => {
      const place = make();
      const owner = place();
      const lease = await owner.create(runEntry(runId, graphOf('waiting')));
      const store = withQuickOwner(place(), () => owner.append(lease, [endOf(status)]));
      await using engine = createEngine(waiting, { store });
      const cancel = (): Promise<boolean> =>
        way === 'engine.cancel' ? engine.cancel(runId, 'enough') : cancelStoredRun(store, runId, 'enough');
      expect(await cancel()).toBe(isCancelled);
      expect(await cancel()).toBe(false);
      expect(await owner.find(runId)).toMatchObject({ status });
    });
  });
});
