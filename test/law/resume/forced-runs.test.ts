// A run that was resumed with `force` is one of the graph that it was resumed with: whoever takes it over needs no `force`.
import { append, createEngine, fields, graph, strandedRunsOf } from 'reprise';
import type { AnyGraph } from 'reprise';
import { describe, expect, it } from 'vitest';
import { journalIn, places, runId } from './going-on.ts';

interface Refunding {
  readonly version: 'before' | 'after';
  readonly slow: () => Promise<void>;
  readonly effect?: string;
  readonly performed?: string[];
}

function refunding({ version, slow, effect: name = 'charge', performed = [] }: Refunding): AnyGraph {
  const built = graph('refunding', { state: fields({ log: append<string>() }) })
    .node('pay', async (_state, { effect }) => {
      await effect(name, 44, () => performed.push(name), { once: true });
      await slow();
      return { delta: { log: ['paid'] } };
    })
    .node('mail', () => ({ delta: { log: ['mailed'] } }))
    .node('audit', () => ({ delta: { log: ['audited'] } }));
  const led = version === 'before' ? built.edge('pay', 'mail') : built.edge('pay', 'audit').edge('audit', 'mail');
  return led.start('pay').build();
}

describe.each(places)('on $name', ({ make }) => {
  it.each(['interrupted', 'refused before, and interrupted'])('continues without it after it was %s', async (how) => {
    const place = make();
    const stuck = () => new Promise<void>(() => undefined);
    const drive = async (built: AnyGraph, begun: 'begin' | 'resume' | 'force'): Promise<string> => {
      const engine = createEngine(built, { store: place(), graceMs: 0 });
      const running =
        begun === 'begin' ? engine.run({}, { runId }) : engine.resume(runId, { force: begun === 'force' });
      const ended = running.then(
        ({ status }) => status,
        (thrown: { readonly code: string }) => thrown.code,
      );
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 100))]);
      await engine.close();
      return ended;
    };
    expect(await drive(refunding({ version: 'before', slow: stuck }), 'begin')).toBe('interrupted');
    const after = refunding({ version: 'after', slow: stuck });
    if (how !== 'interrupted') {
      const engine = createEngine(after, { store: place() });
      const worker = engine.work({ pollMs: 10 });
      await new Promise((resolve) => setTimeout(resolve, 100));
      await worker.stop();
      await engine.close();
    }
    expect(await drive(after, 'resume')).toBe('run-not-resumable');
    expect(await drive(after, 'force')).toBe('interrupted');
    expect((await journalIn(place)).map(({ kind }) => kind)).toContain('edit');
    const store = place();
    const engine = createEngine(refunding({ version: 'after', slow: async () => undefined }), { store });
    const worker = engine.work({ pollMs: 10 });
    const deadline = Date.now() + 4_000;
    while (Date.now() < deadline && (await store.find(runId))?.status !== 'done')
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await strandedRunsOf(store, 9)).toEqual([]);
    await worker.stop();
    expect(await engine.resume(runId).catch(({ code }: { code: string }) => code)).toBe('run-not-resumable');
    expect((await store.find(runId))?.status).toBe('done');
    await engine.close();
  });

  it.each(['before', 'after'] as const)(
    'keeps what was accepted of other code for a graph as it was %s',
    async (version) => {
      const place = make();
      const stuck = () => new Promise<void>(() => undefined);
      const performed: string[] = [];
      const first = createEngine(refunding({ version: 'before', slow: stuck, performed }), {
        store: place(),
        graceMs: 0,
      });
      const begun = first.run({}, { runId });
      while (performed.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
      await first.close();
      await begun;
      const other = { version, effect: 'payout', performed };
      const forced = createEngine(refunding({ ...other, slow: stuck }), { store: place(), graceMs: 0 });
      const going = forced.resume(runId, { force: true });
      while (performed.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
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
