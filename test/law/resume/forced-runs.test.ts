// A run that was resumed with `force` is one of the graph that it was resumed with: whoever takes it over needs no `force`.
import { append, createEngine, fields, graph, strandedRunsOf } from 'reprise';
import type { AnyGraph } from 'reprise';
import { describe, expect, it } from 'vitest';
import { journalIn, places, runId } from './going-on.ts';

interface Ended {
  readonly status: string;
}

interface Refunding {
  readonly version: 'before' | 'after';
  readonly slow: () => Promise<void>;
  readonly effect?: string;
  readonly performed?: string[];
}

function refunding({ version, slow, effect: name = 'charge', performed = [] }: Refunding): AnyGraph {
  const built = graph('refunding', { state: fields({ log: append<string>() }) })
    .node('pay', async (_state, { effect }) => {
      await effect(name, 44, () => performed.push(name), { once: name === 'charge' });
      await slow();
      return { delta: { log: ['paid'] } };
    })
    .node('mail', () => ({ delta: { log: ['mailed'] } }))
    .node('audit', () => ({ delta: { log: ['audited'] } }));
  const led = version === 'before' ? built.edge('pay', 'mail') : built.edge('pay', 'audit').edge('audit', 'mail');
  return led.start('pay').build();
}

/** A node that never ends, and says when it has come that far. */
class Stuck {
  #come = Promise.withResolvers<void>();
  readonly slow = (): Promise<void> => {
    this.#come.resolve();
    return new Promise(() => undefined);
  };

  /** The next time that it comes that far. */
  next(): Promise<void> {
    this.#come = Promise.withResolvers();
    return this.#come.promise;
  }
}

describe.each(places)('on $name', ({ make }) => {
  it.each(['interrupted', 'refused before, and interrupted'])('continues without it after it was %s', async (how) => {
    const place = make();
    const stuck = new Stuck();
    const before = refunding({ version: 'before', slow: stuck.slow });
    const after = refunding({ version: 'after', slow: stuck.slow });
    const stopped = async (built: AnyGraph, begin: (engine: ReturnType<typeof createEngine>) => Promise<Ended>) => {
      const engine = createEngine(built, { store: place(), graceMs: 0 });
      const isStuck = stuck.next();
      const ended = begin(engine).then(
        ({ status }) => status,
        ({ code }: { readonly code: string }) => code,
      );
      await Promise.race([ended, isStuck]);
      await engine.close();
      return ended;
    };
    expect(await stopped(before, (engine) => engine.run({}, { runId }))).toBe('interrupted');
    if (how !== 'interrupted') {
      const engine = createEngine(after, { store: place() });
      await new Promise<void>((resolve) => engine.work({ pollMs: 10, onError: () => resolve() }));
      await engine.close();
    }
    expect(await stopped(after, (engine) => engine.resume(runId))).toBe('run-not-resumable');
    expect(await stopped(after, (engine) => engine.resume(runId, { force: true }))).toBe('interrupted');
    expect((await journalIn(place)).map(({ kind }) => kind)).toContain('edit');
    const store = place();
    const engine = createEngine(refunding({ version: 'after', slow: async () => undefined }), { store });
    const done = new Promise<string>((resolve) =>
      engine.work({ pollMs: 10, onRun: ({ status }) => resolve(status), onError: (thrown) => resolve(String(thrown)) }),
    );
    expect(await done).toBe('done');
    expect(await strandedRunsOf(store, 9)).toEqual([]);
    await engine.close();
  });

  it.each(['before', 'after'] as const)(
    'keeps what was accepted of other code for a graph as it was %s',
    async (version) => {
      const place = make();
      const stuck = new Stuck();
      const performed: string[] = [];
      const first = createEngine(refunding({ version: 'before', slow: stuck.slow, performed }), {
        store: place(),
        graceMs: 0,
      });
      const isPaid = stuck.next();
      const begun = first.run({}, { runId });
      await isPaid;
      await first.close();
      await begun;
      const other = { version, effect: 'payout', performed };
      const forced = createEngine(refunding({ ...other, slow: stuck.slow }), { store: place(), graceMs: 0 });
      const isPaidAgain = stuck.next();
      const going = forced.resume(runId, { force: true });
      await isPaidAgain;
      await forced.close();
      expect((await going).status).toBe('interrupted');
      const last = createEngine(refunding({ ...other, slow: async () => undefined }), { store: place() });
      expect((await last.resume(runId)).status).toBe('done');
      await last.close();
      expect(performed).toEqual(['charge', 'payout']);
      const voided = (await journalIn(place)).filter((entry) => entry.kind === 'note' && entry.voids !== undefined);
      expect(voided).toHaveLength(1);
    },
  );
});
