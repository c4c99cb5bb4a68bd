// What is written to a run while it is deleted stays nowhere: no row is left of a run that is gone.
import assert from 'node:assert/strict';
import { assertRefused } from '../../src/explore/store/law-assert.ts';
import { eventEntry, eventsUpTo, runEntry, stored } from '../../src/explore/store/law-entries.ts';
import type { Message } from '../../src/port/inbox.ts';
import type { Lease, PrunableStore } from '../../src/port/store.ts';
import type { ServerLaw, ServerPlace } from './server-laws.ts';
import { untilBlocked } from './waiting.ts';

const tables = ['entry', 'part', 'checkpoint', 'label', 'message', 'dropped'];
const signal = stored({ kind: 'signal', name: 'go', value: 1, time: 50 }) as unknown as Message;
const large = stored(Array.from({ length: 700 }, (_unused, index) => `${index} ${'x'.repeat(800)}`));

async function rowsLeft({ pool, schema }: ServerPlace): Promise<readonly string[]> {
  const left: string[] = [];
  for (const table of tables) {
    const text = `SELECT count(*)::int AS count FROM ${schema}.${table} t
      WHERE NOT EXISTS (SELECT 1 FROM ${schema}.run r WHERE r.number = t.run)`;
    const { rows } = await pool.query<{ readonly count: number }>(text);
    if ((rows[0]?.count ?? 0) > 0) left.push(table);
  }
  return left;
}

const writes: Readonly<Record<string, (store: PrunableStore, lease: Lease) => unknown>> = {
  'its entries': (store, lease) => store.append(lease, eventsUpTo(2), undefined, 1),
  'parts of a large value': (store, lease) => store.append(lease, [eventEntry('1.0#1', { data: large })], undefined, 1),
  'a label': (store, { runId }) => store.label(runId, { step: 0, label: 'start' }),
  'a message': (store, { runId }) => store.send(runId, signal),
};

function deletingLaw(what: string, write: (store: PrunableStore, lease: Lease) => unknown): ServerLaw {
  return {
    name: `a run that is deleted while somebody writes leaves nothing behind: ${what}`,
    async check(place) {
      const { pool, open } = place;
      const store = open();
      const lease = await store.create(runEntry('run-1'));
      await store.create(runEntry('run-2'), eventsUpTo(1));
      const connection = await pool.connect();
      try {
        let deleted: Promise<void> | undefined;
        const writer = open({
          query: async (text, values) => {
            const answer = await connection.query(text, values);
            // Only the first statement that writes: what comes after it finds no run.
            if (deleted !== undefined || !/INSERT|UPDATE/.test(text)) return answer;
            deleted = Promise.resolve(open().delete('run-1'));
            await untilBlocked(pool, connection, deleted);
            await connection.query('COMMIT');
            return answer;
          },
        });
        await writer.find('run-1');
        await connection.query('BEGIN');
        await Promise.resolve(write(writer, lease)).catch((thrown: unknown) =>
          assertRefused(() => Promise.reject(thrown), 'run-unknown'),
        );
        await deleted;
      } finally {
        connection.release();
      }
      assert.deepEqual(await rowsLeft(place), []);
      assert.equal((await store.find('run-2'))?.entryCount, 2);
    },
  };
}

export const deletingLaws: readonly ServerLaw[] = Object.entries(writes).map(([what, write]) =>
  deletingLaw(what, write),
);
