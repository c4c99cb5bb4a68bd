// A primary that dies under load, and its replica that takes its place: a synchronous one, which has all that was acknowledged,
// and one that has lagged behind.
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../../src/index.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { postgresStore } from '../../../src/store/postgres/index.ts';
import { collected } from '../../support/journals.ts';
import { startProxy } from '../proxy.ts';
import { skipReason, startReplica, startServer } from '../server.ts';
import { knownStore, nothingKnown, plain } from './known-store.ts';
import { branchCount, trip, wordCount } from './trip.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
/** How long runs are begun, before the primary dies and after that. */
const loadMs = isLong ? 10_000 : 1_000;
const times = isLong ? 5 : 1;
const lagMs = 500;
const openRuns = 10;
const schema = 'trips';
const replicaName = 'follower';
const why = skipReason();
if (why !== undefined) console.log(`no replica takes the place of a server: ${why}`);

const codeOf = (thrown: unknown): string => String((thrown as { readonly code?: unknown }).code);

/** A call that is made until it succeeds, or is refused with one of these codes: then nothing. */
async function insist<Result>(call: () => Promise<Result>, ...codes: readonly string[]): Promise<Result | undefined> {
  for (;;) {
    try {
      return await call();
    } catch (thrown) {
      if (codes.includes(codeOf(thrown))) return undefined;
      if (codeOf(thrown) !== 'store-unreachable') throw thrown;
      await pause(100);
    }
  }
}

async function asked(url: string, text: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(text);
  await client.end();
  return rows;
}

/** Runs under way while the primary dies. Returns what was known of them, and what became of them. */
async function failOver(isSynchronous: boolean) {
  const primary = await startServer({ isSafe: true });
  const between = await startProxy(primary.port);
  const replica = await startReplica(between.port, replicaName);
  const way = await startProxy(primary.port);
  const url = `postgres://postgres@127.0.0.1:${way.port}/postgres`;
  const own = postgresStore(url, { schema });
  const known = nothingKnown();
  const said = new Map<string, string[]>();
  const engines = [0, 1].map(() =>
    createEngine(trip, { store: knownStore(postgresStore(url, { schema }), known), leaseMs: 2_000 }),
  );
  const person = createEngine(trip, { store: own });
  try {
    if (isSynchronous) {
      await asked(primary.url, `ALTER SYSTEM SET synchronous_standby_names = '${replicaName}'`);
      await asked(primary.url, 'SELECT pg_reload_conf()');
    }
    const state = isSynchronous ? 'sync' : 'async';
    await expect
      .poll(() => asked(primary.url, 'SELECT sync_state FROM pg_stat_replication'), { timeout: 30_000 })
      .toEqual([{ sync_state: state }]);
    const warnings = (await own.check(Date.now)).map(({ level, text }) => `${level} ${text.split(':')[0]}`);
    expect(warnings).toEqual(isSynchronous ? [] : ['unsafe 1 of its replicas may lag behind']);
    for (const engine of engines) {
      engine.work({
        maxRuns: openRuns,
        pollMs: 200,
        onError: (thrown, runId) => {
          if (runId !== undefined) said.set(runId, [...(said.get(runId) ?? []), codeOf(thrown)]);
        },
      });
      engine.work({ tasks: ['look'], width: 20, pollMs: 200 });
    }
    const names: string[] = [];
    let open = 0;
    let isEnding = false;
    const accompany = async (runId: string): Promise<void> => {
      for (let look = 0; ; look += 1) {
        const found = await insist(async () => own.find(runId));
        // It has never arrived, or is forgotten.
        if (found === undefined) await insist(() => person.enqueue({}, { runId, onExisting: 'attach' }));
        else if (found.status === 'done' || found.status === 'failed') return;
        // A signal may be forgotten too, and a run takes one.
        else if (look % 20 === 2) await insist(() => person.send(runId, 'paid', 44), 'run-unknown', 'run-ended');
        await pause(100);
      }
    };
    const accompanied: Promise<void>[] = [];
    const feeding = (async () => {
      while (!isEnding) {
        if (open < openRuns) {
          const runId = `run-${names.length}`;
          names.push(runId);
          open += 1;
          accompanied.push(accompany(runId).finally(() => (open -= 1)));
        }
        await pause(10);
      }
    })();
    await pause(loadMs);
    if (!isSynchronous) {
      between.isSilent = true;
      await pause(lagMs);
    }
    await primary.stop('kill');
    const before = {
      driven: new Set(known.driven),
      entries: new Map([...known.entries].map(([runId, places]) => [runId, new Map(places)])),
    };
    way.to = replica.port;
    way.cut();
    // It is found before it takes writes.
    await pause(200);
    await replica.promote();
    await pause(loadMs);
    isEnding = true;
    await feeding;
    await Promise.all(accompanied);
    // What had ended may be forgotten as well.
    await Promise.all(names.map(accompany));
    const journals = new Map<string, readonly Entry[]>();
    for (const runId of names) journals.set(runId, await collected(own.read(runId)));
    const statuses = await Promise.all(names.map(async (runId) => (await own.find(runId))?.status));
    return { names, before, known, said, journals, statuses };
  } finally {
    for (const engine of [...engines, person]) await engine.close();
    await way.close();
    await between.close();
    await replica.remove();
    await primary.remove();
  }
}

/** Each entry is there once, at its place, and so is all that the run had to do. */
function checkWhole(runId: string, entries: readonly Entry[]): void {
  const of = (kind: Entry['kind']): readonly string[] =>
    entries.filter((entry) => entry.kind === kind).map(({ at }) => at);
  expect([runId, of('run').length, of('end').length, entries.at(-1)?.kind]).toEqual([runId, 1, 1, 'end']);
  expect([runId, of('commit')]).toEqual([runId, ['0', '1', '2', '3', '4']]);
  const outcomes = of('outcome');
  expect([runId, outcomes.length, new Set(outcomes).size]).toEqual([runId, 3 + branchCount, 3 + branchCount]);
  const words = entries.flatMap((entry) => (entry.kind === 'chunk' ? entry.deltas : []));
  const said = words.map((delta) => (delta as { readonly words: string }).words).join('');
  expect([runId, said]).toEqual([runId, Array.from({ length: wordCount }, (_unused, word) => `${word} `).join('')]);
}

describe.skipIf(why !== undefined)('a replica takes the place of a primary that dies under load', () => {
  const timeout = isLong ? 300_000 : 180_000;

  it.each(Array.from({ length: times }, (_unused, time) => time + 1))(
    'and has all that was acknowledged, if it is synchronous (%i)',
    { timeout },
    async () => {
      const { names, known, before, said, journals, statuses } = await failOver(true);
      expect(statuses).toEqual(names.map(() => 'done'));
      for (const runId of names) {
        const entries = journals.get(runId) ?? [];
        checkWhole(runId, entries);
        const lost = lostOf(known.entries.get(runId), entries);
        expect([runId, lost]).toEqual([runId, []]);
      }
      expect([...said.values()].flat()).not.toContain('store-went-back');
      console.log(
        `synchronous: ${names.length} runs, ${known.appends} appends, ${before.driven.size} driven when it died`,
      );
    },
  );

  it.each(Array.from({ length: times }, (_unused, time) => time + 1))(
    'and each run says so that went back, and ends, if it has lagged behind (%i)',
    { timeout },
    async () => {
      const { names, known, before, said, journals, statuses } = await failOver(false);
      expect(statuses).toEqual(names.map(() => 'done'));
      let backCount = 0;
      for (const runId of names) {
        const entries = journals.get(runId) ?? [];
        checkWhole(runId, entries);
        if (!before.driven.has(runId) || lostOf(before.entries.get(runId), entries).length === 0) continue;
        backCount += 1;
        const codes = [...(known.refused.get(runId) ?? [])];
        expect([runId, codes.some((code) => ['store-went-back', 'lease-lost', 'run-unknown'].includes(code))]).toEqual([
          runId,
          true,
        ]);
      }
      const saying = [...said].filter(([, codes]) => codes.includes('store-went-back'));
      // One whose claim is renewed before it writes hears of that first.
      const refused = names.filter((runId) => known.wentBack.has(runId));
      const heard = [...said].filter(([, codes]) =>
        codes.some((code) => ['store-went-back', 'lease-lost', 'run-unknown'].includes(code)),
      );
      expect(heard.map(([runId]) => runId)).toEqual(expect.arrayContaining(refused));
      console.log(
        `lagging: ${names.length} runs, ${known.appends} appends, ${before.driven.size} driven when it died, ${backCount} went back, ${saying.length} said so`,
      );
    },
  );
});

/** The places at which something else stands than was acknowledged. */
function lostOf(acknowledged: ReadonlyMap<number, unknown> | undefined, entries: readonly Entry[]): readonly number[] {
  return [...(acknowledged ?? [])].flatMap(([place, was]) => {
    const is = entries[place];
    return is !== undefined && isDeepStrictEqual(plain(is), was) ? [] : [place];
  });
}
