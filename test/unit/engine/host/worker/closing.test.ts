// An engine that closes while its worker is claiming runs: nobody else would get them until its claim was over.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createEngine, fields, graph, memoryStore } from 'reprise';
import type { RunStore } from 'reprise';
import { sqliteStore } from 'reprise/sqlite';
import { describe, expect, it } from 'vitest';
import { changedStore, keptStore } from '../../../../support/changed-store.ts';
import { temporaryFolder } from '../../../../support/folder.ts';

const built = graph('closing', { state: fields({}) })
  .node('go', () => undefined)
  .start('go')
  .build();

const places: readonly (readonly [name: string, open: () => RunStore])[] = [
  ['memory', () => memoryStore()],
  ['SQLite', () => sqliteStore(join(temporaryFolder(), 'runs.db'))],
];

describe.each(places)('in %s', (_name, open) => {
  it.each(['before the store has heard of it', 'after the store has answered'])(
    'a claim is given back %s',
    async (when) => {
      const store = open();
      const asked = Promise.withResolvers<void>();
      const held = Promise.withResolvers<void>();
      let isClosed = false;
      const slow = changedStore(store, {
        claimDue: async (query) => {
          const early = when === 'after the store has answered' ? await store.claimDue?.(query) : undefined;
          asked.resolve();
          await held.promise;
          expect(isClosed).toBe(false);
          return early ?? (await store.claimDue?.(query)) ?? [];
        },
        close: () => {
          isClosed = true;
        },
      });
      await createEngine(built, { store: keptStore(store) }).enqueue({}, { runId: 'run-1' });
      const errors: unknown[] = [];
      const engine = createEngine(built, { store: slow });
      const serving = engine.work({ pollMs: 5, onError: (thrown) => errors.push(thrown) });
      await asked.promise;
      const closing = engine.close();
      // However far it has come by then.
      await pause(20);
      held.resolve();
      await closing;
      await serving.done;
      expect(errors).toEqual([]);
      expect(isClosed).toBe(true);
      const { fingerprint } = built.spec;
      const claim = { owner: 'another', leaseMs: 1_000 };
      const claimed = await store.claimDue?.({ graphs: [{ name: 'closing', fingerprint }], claim, limit: 9 });
      expect(claimed).toMatchObject([{ was: { runId: 'run-1', status: 'queued' } }]);
      await store.close?.();
    },
  );
});
