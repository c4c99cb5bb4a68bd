// What a store keeps on a server that went back: one that was restored from a copy, or a replica that had lagged behind and
// took its place. Whatever of this process's knowledge is of what came after is refused, and never written upon.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { assertJournal, assertRefused, idsOf } from '../../src/explore/store/law-assert.ts';
import { collected, endOf, eventEntry, eventsUpTo, runEntry, stored } from '../../src/explore/store/law-entries.ts';
import type { RunEntry } from '../../src/journal/entry.ts';
import { errandRun } from '../../src/journal/errand.ts';
import type { AttemptKey } from '../../src/journal/key.ts';
import type { RunCheckpoint } from '../../src/journal/run/checkpoint.ts';
import type { PostgresPool } from '../../src/store/postgres/index.ts';
import { claimOf, codeOf, signal } from './server-laws.ts';
import { before } from './pools.ts';
import type { ServerLaw, ServerPlace } from './server-laws.ts';

/** The run is not there yet, nor is its number taken: the next run that is begun gets it. */
async function forgetRuns({ pool, schema }: ServerPlace): Promise<void> {
  for (const table of ['run', 'entry', 'part', 'checkpoint']) await pool.query(`DELETE FROM ${schema}.${table}`);
  await pool.query(`ALTER TABLE ${schema}.run ALTER COLUMN number RESTART WITH 1`);
}

const large = stored(Array.from({ length: 30 }, (_unused, index) => `${index} ${'x'.repeat(800)}`));
const checkpointAt = (runId: string): RunCheckpoint => ({
  run: runEntry(runId),
  step: 1,
  state: stored({ of: runId }),
  frontier: [],
  stepCount: 1,
});

export const goneLaws: readonly ServerLaw[] = [
  {
    name: 'of a run whose number another one has by now nothing is read that is of that one',
    async check(place) {
      const reader = place.open();
      await place.open().create(runEntry('run-1'), eventsUpTo(1));
      await assertJournal(reader, 'run-1', [runEntry('run-1'), ...eventsUpTo(1)]);
      await forgetRuns(place);
      const store = place.open();
      await store.create(runEntry('run-2'), eventsUpTo(3));
      await assertRefused(() => collected(reader.read('run-1')), 'run-unknown');
      await store.create(runEntry('run-1'), eventsUpTo(2));
      await assertJournal(reader, 'run-1', [runEntry('run-1'), ...eventsUpTo(2)]);
      await assertJournal(reader, 'run-2', [runEntry('run-2'), ...eventsUpTo(3)]);
    },
  },
  {
    name: 'a checkpoint is that of its run, though another one gets its number while it is asked for',
    async check(place) {
      const write = async (runId: string): Promise<void> => {
        const store = place.open(place.pool, { checkpointLength: 0 });
        const lease = await store.create(runEntry(runId));
        await store.append(lease, [eventEntry('1.0#1', { data: large })], () => checkpointAt(runId), 1);
      };
      await write('run-1');
      const reader = place.open(
        before(place.pool, '.checkpoint ', async () => {
          await forgetRuns(place);
          await write('run-2');
        }),
      );
      assert.equal(await reader.checkpoint?.('run-1'), undefined);
      assert.deepEqual((await reader.checkpoint?.('run-2'))?.checkpoint, checkpointAt('run-2'));
    },
  },
  {
    name: 'a run is not deleted for another one whose number it has got',
    async check(place) {
      await place.open().release(await place.open().create(runEntry('run-1')));
      const store = place.open(
        before(place.pool, 'DELETE FROM', async () => {
          await forgetRuns(place);
          await place.open().release(await place.open().create(runEntry('run-2'), eventsUpTo(1)));
        }),
      );
      await assertRefused(() => store.delete('run-1'), 'run-unknown');
      await assertJournal(store, 'run-2', [runEntry('run-2'), ...eventsUpTo(1)]);
    },
  },
  {
    name: 'the journal of an errand is its own, though another one gets its number while it is asked for',
    async check(place) {
      const at = '1.0#1' as AttemptKey;
      const kind = { graph: 'desk', node: 'research', fingerprint: 'f00' };
      const errands = ['run-1', 'run-2'].map((runId) => errandRun({ runId, at, again: 0 }, kind, 2, 1_000));
      const [first, second] = errands as [RunEntry, RunEntry];
      const handOut = async (errand: RunEntry): Promise<void> => void (await place.open().errands?.handOut([errand]));
      await handOut(first);
      const store = place.open(
        before(place.pool, '.entry ', async () => {
          await forgetRuns(place);
          await handOut(second);
        }),
      );
      const ids = errands.map(({ observed }) => observed.runId);
      assert.deepEqual(await store.errands?.journals(ids.slice(0, 1)), [[]]);
      assert.deepEqual(await store.errands?.journals(ids), [[], [second]]);
    },
  },
  {
    name: 'a server that went back is refused, and gets no gap',
    async check({ pool, schema, open }) {
      const store = open();
      const lease = await store.create(runEntry('run-1'));
      await store.append(lease, eventsUpTo(3), undefined, 1);
      // As a replica that lagged behind would be.
      await pool.query(`DELETE FROM ${schema}.entry WHERE sequence > 1`);
      await pool.query(`UPDATE ${schema}.run SET last = 1`);
      await assertRefused(() => store.append(lease, eventsUpTo(1, 3), undefined, 4), 'store-went-back');
      await assertJournal(store, 'run-1', [runEntry('run-1'), ...eventsUpTo(1)]);
      const next = await store.take('run-1');
      await store.append(next, eventsUpTo(1, 1), undefined, 2);
      await assertJournal(store, 'run-1', [runEntry('run-1'), ...eventsUpTo(2)]);
    },
  },
  {
    name: 'a lease is none once the take that gave it is gone, and its token no other one',
    async check({ pool, schema, open }) {
      const [first, second] = [open(), open()];
      await first.create(runEntry('run-1'), [], { status: 'queued', wakeAt: 0 });
      const { rows } = await pool.query<{ last_value: string; was: string }>(
        `SELECT last_value, (SELECT token::text FROM ${schema}.run) AS was FROM ${schema}.run_token`,
      );
      const gone = await first.take('run-1', claimOf('one'));
      await pool.query(`SELECT setval('${schema}.run_token', $1::bigint)`, [rows[0]?.last_value]);
      await pool.query(
        `UPDATE ${schema}.run SET status = 'queued', owner = NULL, until = NULL, wake_at = 0, token = $1::bigint`,
        [rows[0]?.was],
      );
      await assertRefused(() => first.append(gone, eventsUpTo(1), undefined, 1), 'store-went-back');
      await assertRefused(() => first.release(gone), 'store-went-back');
      const lease = await second.take('run-1', claimOf('two'));
      assert.notEqual(await codeOf(first.append(gone, eventsUpTo(1), undefined, 1) as Promise<unknown>), 'done');
      await second.append(lease, eventsUpTo(1), undefined, 1);
      await assertJournal(second, 'run-1', [runEntry('run-1'), ...eventsUpTo(1)]);
    },
  },
  {
    name: 'a run that its owner has ended, and has again, is given back when that claims',
    async check({ pool, schema, open }) {
      const store = open();
      const kept = await store.create(runEntry('run-1'), [], claimOf('one'));
      const lease = await store.create(runEntry('run-2'), [], claimOf('one'));
      await store.append(lease, [endOf('done')], undefined, 1);
      await pool.query(`DELETE FROM ${schema}.entry WHERE sequence > 0`);
      await pool.query(
        `UPDATE ${schema}.run SET status = 'running', owner = 'one', token = $1, last = 0 WHERE id = 'run-2'`,
        [lease.token],
      );
      // The answer of a claim may be on its way at the first look.
      await store.renew(claimOf('one'));
      assert.deepEqual(idsOf(await store.due('desk', 9)), []);
      await pause(550);
      await store.claimDue?.({ graphs: [], claim: claimOf('one'), limit: 1 });
      assert.deepEqual(idsOf(await store.due('desk', 9)), ['run-2']);
      await pause(550);
      await store.renew(claimOf('one'));
      await store.append(kept, eventsUpTo(1), undefined, 1);
      await store.append(await store.take('run-2', claimOf('two')), eventsUpTo(1), undefined, 1);
    },
  },
  {
    name: 'entries whose parts are gone before they are there themselves are refused',
    async check({ pool, schema, open }) {
      let isGone = false;
      const goingBack: PostgresPool = {
        query: async (text, values) => {
          const answer = await pool.query(text, values);
          if (text.includes('FOR KEY SHARE') && !isGone) {
            isGone = true;
            await pool.query(`DELETE FROM ${schema}.part`);
          }
          return answer;
        },
      };
      const store = open(goingBack);
      const lease = await store.create(runEntry('run-1'));
      const data = stored(Array.from({ length: 700 }, (_unused, index) => `${index} ${'x'.repeat(800)}`));
      const large = [eventEntry('1.0#1', { data })];
      await assertRefused(() => store.append(lease, large, undefined, 1), 'store-went-back');
      assert.ok(isGone);
      await store.append(await store.take('run-1'), large, undefined, 1);
      await assertJournal(store, 'run-1', [runEntry('run-1'), ...large]);
    },
  },
  {
    name: 'a run that has seen messages which are gone hears of it, and does not sleep through those that come then',
    async check({ pool, schema, open }) {
      const store = open();
      const lease = await store.create(runEntry('run-1'), [], claimOf('one'));
      for (let count = 0; count < 3; count += 1) await store.send('run-1', signal);
      await pool.query(`DELETE FROM ${schema}.message WHERE number > 1`);
      await pool.query(`UPDATE ${schema}.run SET inbox_last = 1`);
      await assertRefused(() => store.inbox('run-1', 3), 'store-went-back');
      assert.equal((await store.inbox('run-1', 1)).last, 1);
      await store.release(lease, { status: 'paused', seen: 3 });
      assert.deepEqual(idsOf(await store.due('desk', 9)), ['run-1']);
    },
  },
  {
    name: 'a follower that was further than the server is now begins again',
    async check({ open }) {
      const store = open();
      const lease = await store.create(runEntry('run-1'), [], claimOf('one'));
      const { cursor = '' } = (await store.changes?.({ limit: 9 })) ?? {};
      await store.append(lease, [endOf('done')], undefined, 1);
      const further = String(cursor).replace(/^\d+/, (id) => String(Number(id) + 1_000_000));
      const round = await store.changes?.({ limit: 9, after: further });
      assert.deepEqual(
        round?.runs.map(({ runId, status }) => `${runId} ${status}`),
        ['run-1 done'],
      );
      assert.deepEqual((await store.changes?.({ limit: 9, after: round?.cursor }))?.runs, []);
    },
  },
];
