// What becomes of statements that arrive after their caller has given them up: behind a connection that was cut, the server
// may still have one to do.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { assertRefused, idsOf } from '../../src/explore/store/law-assert.ts';
import { eventsUpTo, lawGraph, runEntry } from '../../src/explore/store/law-entries.ts';
import type { Claim, Lease, PrunableStore } from '../../src/port/store.ts';
import { deafPool, heldPool, latePool } from './pools.ts';

import type { ServerLaw } from './server-laws.ts';

function claimOf(owner: string): Claim {
  return { owner, leaseMs: 30_000 };
}

const asleep = { status: 'paused', wakeAt: Number.MAX_SAFE_INTEGER } as const;

export const lateLaws: readonly ServerLaw[] = [
  {
    name: 'a take that comes after its repetition was released takes nothing',
    async check({ pool, open }) {
      const other = open();
      await other.release(await other.create(runEntry('run-1')), asleep);
      const late = latePool(pool, 'WITH taken AS');
      const store = open(late);
      await store.release(await store.take('run-1', claimOf('one')), asleep);
      const lease = await other.take('run-1', claimOf('two'));
      await other.append(lease, eventsUpTo(1));
      await other.release(lease, asleep);
      await late.deliver();
      assert.equal((await other.find('run-1'))?.status, 'paused');
    },
  },
  {
    name: 'what a claim takes that comes late is given back by the next renewal',
    async check({ pool, open }) {
      const other = open();
      for (const runId of ['run-1', 'run-2']) await other.create(runEntry(runId), [], { status: 'queued', wakeAt: 0 });
      const late = latePool(pool, 'SKIP LOCKED');
      const store = open(late);
      const claimed = await store.claimDue?.({ graphs: [lawGraph()], claim: claimOf('one'), limit: 1 });
      assert.deepEqual(idsOf((claimed ?? []).map(({ was }) => was)), ['run-1']);
      await late.deliver();
      assert.deepEqual(idsOf(await other.due('desk', 9)), []);
      await store.renew(claimOf('one'));
      assert.deepEqual(idsOf(await other.due('desk', 9)), ['run-2']);
      await other.take('run-2', claimOf('two'));
      await store.append(claimed?.[0]?.lease as Lease, eventsUpTo(1), undefined, 1);
    },
  },
  {
    name: 'what a claim has taken whose answer is still on its way is not given back',
    async check({ pool, open }) {
      const other = open();
      const claims: Readonly<Record<string, (store: PrunableStore) => Promise<Lease>>> = {
        'run-1': async (store) => store.create(runEntry('run-1'), [], claimOf('one')),
        'run-2': async (store) => store.take('run-2', claimOf('one')),
        'run-3': async (store) => {
          const claimed = await store.claimDue?.({ graphs: [lawGraph()], claim: claimOf('one'), limit: 1 });
          return claimed?.[0]?.lease as Lease;
        },
      };
      await other.release(await other.create(runEntry('run-2')), asleep);
      await other.create(runEntry('run-3'), [], { status: 'queued', wakeAt: 0 });
      for (const [runId, claim] of Object.entries(claims)) {
        const held = heldPool(pool, '::uuid,');
        const store = open(held);
        await store.find(runId);
        const claimed = claim(store);
        await held.isDone;
        // It is given back at the second look.
        await store.renew(claimOf('one'));
        await pause(550);
        await store.renew(claimOf('one'));
        held.answer();
        const lease = await claimed;
        assert.equal((await other.find(runId))?.status, 'running');
        await store.append(lease, eventsUpTo(1), undefined, 1);
      }
    },
  },
  ...(['renew', 'claimDue'] as const).map((settling) => ({
    name: `runs whose taker never heard that it has them are given back before the next ${settling}`,
    async check({ pool, open }: Parameters<ServerLaw['check']>[0]) {
      const other = open();
      await other.release(await other.create(runEntry('run-1')));
      const deaf = deafPool(pool);
      const store = open(deaf, { patienceMs: 30 });
      await store.find('run-1');
      deaf.isDeaf = true;
      await assertRefused(() => store.create(runEntry('run-2'), [], claimOf('one')), 'store-unreachable');
      deaf.isDeaf = false;
      await store.find('run-1');
      const seen = await other.find('run-2');
      assert.equal(seen?.status, 'running');
      // Between the look at the run and the answer, the way back is lost.
      const { query } = deaf;
      deaf.query = (text, values) => {
        deaf.isDeaf = text.includes('WITH taken AS') || deaf.isDeaf;
        return query(text, values);
      };
      await assertRefused(() => store.take('run-1', claimOf('one')), 'store-unreachable');
      deaf.query = query;
      deaf.isDeaf = false;
      assert.deepEqual(idsOf(await other.due('desk', 9)), []);
      if (settling === 'renew') await store.renew(claimOf('one'));
      else await store.claimDue?.({ graphs: [], claim: claimOf('one'), limit: 1 });
      assert.deepEqual(idsOf(await other.due('desk', 9)), ['run-1', 'run-2']);
    },
  })),
];
