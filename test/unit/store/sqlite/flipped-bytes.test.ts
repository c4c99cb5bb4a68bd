// One flipped bit anywhere in a store: what is read is what was written, or an error with a code. Never another result.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RepriseError, append, createEngine, fields, graph, last } from '../../../../src/index.ts';
import { encodeEntry } from '../../../../src/journal/codec/entry-codec.ts';
import type { RunStore } from '../../../../src/port/store.ts';
import { sqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { collected } from '../../../support/journals.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const flipCount = isLong ? 2_000 : 60;
const runCount = 3;
const stepCount = 12;

const paying = graph('paying', { state: fields({ n: last(0), who: last(''), log: append<unknown>() }) })
  .node('pay', async ({ n, who }, { effect }) => {
    const note = `to pay ${n} euros to ${who} `.repeat(200);
    const paid = await effect('pay', { n, note }, () => ({ amount: 100 + n, text: 'lorem ipsum '.repeat(50) }));
    return { delta: { n: n + 1, log: [paid] } };
  })
  .edge('pay', 'pay', { when: ({ n }) => n < stepCount })
  .start('pay')
  .build();

/** Everything that the public interface tells about the runs of a store, each by a name. */
async function readBack(store: RunStore): Promise<ReadonlyMap<string, string>> {
  const engine = createEngine(paying, { store });
  const told = new Map<string, string>();
  const tell = async (name: string, read: () => unknown): Promise<void> => {
    try {
      told.set(name, JSON.stringify(await read()));
    } catch (thrown) {
      if (!(thrown instanceof RepriseError)) throw thrown;
      told.set(name, 'error');
    }
  };
  await tell('list', async () => {
    const runs = await store.list({});
    // It names a damaged run, and refuses nothing.
    if (runs.some(({ isDamaged }) => isDamaged === true))
      throw new RepriseError('store-unreadable', 'a run is damaged', { nextStep: '' });
    return runs;
  });
  for (let run = 0; run < runCount; run += 1) {
    const runId = `run-${run}`;
    await tell(
      `find ${runId}`,
      async () =>
        (await store.find(runId)) ?? Promise.reject(new RepriseError('run-unknown', 'gone', { nextStep: '' })),
    );
    await tell(`journal ${runId}`, async () => (await collected(store.read(runId))).map(encodeEntry));
    for (const step of [3, stepCount]) await tell(`state ${runId} ${step}`, () => engine.stateAt(runId, step));
    await tell(`labels ${runId}`, () => store.labels(runId));
  }
  await engine.close();
  return told;
}

async function written(path: string): Promise<void> {
  const store = sqliteStore(path, { checkpointLength: 5_000 });
  const engine = createEngine(paying, { store });
  for (let run = 0; run < runCount; run += 1) {
    await engine.run({ who: `customer ${run}` }, { runId: `run-${run}` });
    await engine.label(`run-${run}`, 3, 'third');
  }
  await engine.close();
}

const ends = ['', '-wal', '-shm'];

describe('a store with one flipped bit', () => {
  it.each([
    ['in the file', ''],
    ['in the log', '-wal'],
  ])('tells what was written, or refuses: %s', async (_where, end) => {
    const folder = temporaryFolder();
    const path = join(folder, 'runs.db');
    // A reader that stays open keeps the log from being moved into the file.
    const holder = end === '' ? undefined : sqliteStore(path);
    await holder?.list({});
    await written(path);
    const files = new Map((end === '' ? [''] : ['', end]).map((one) => [one, readFileSync(path + one)]));
    await holder?.close();
    const right = await readBack(sqliteStore(path));
    const bytes = files.get(end) as Buffer;
    let draw = 12_345;
    const below = (count: number): number => {
      draw = (draw * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((draw / 2_147_483_648) * count);
    };
    const wrong: string[] = [];
    let refusedCount = 0;
    for (let flip = 0; flip < flipCount; flip += 1) {
      const [at, bit] = [below(bytes.length), below(8)];
      const damaged = join(folder, 'damaged.db');
      for (const one of ends) rmSync(damaged + one, { force: true });
      for (const [one, whole] of files) writeFileSync(damaged + one, whole);
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
      writeFileSync(damaged + end, flipped);
      const told = await readBack(sqliteStore(damaged)).catch(() => new Map([['all', 'error']]));
      for (const [name, text] of told) {
        if (text === 'error') refusedCount += 1;
        // A log that is damaged loses its last transactions, as after a power cut: the state of an earlier moment.
        else if (text !== right.get(name) && end === '') wrong.push(`${name}: byte ${at} bit ${bit}`);
        else if (end !== '' && /^state/.test(name) && text !== right.get(name)) wrong.push(`${name}: byte ${at}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(refusedCount).toBeGreaterThan(0);
    process.stderr.write(`${flipCount} flipped bits${end}: ${refusedCount} reads refused, none wrong\n`);
  });
});
