import { readFileSync, readdirSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore, sum } from '../../../../src/index.ts';
import type { EndedRun, PrunableStore, RecordOptions, RunObserver, RunRecording } from '../../../../src/index.ts';
import { jsonLog } from '../../../../src/observe/index.ts';
import { prometheus } from '../../../../src/observe/prometheus/index.ts';
import { exportRun } from '../../../../src/record/index.ts';
import { replay } from '../../../../src/replay/index.ts';
import { postgresStore } from '../../../../src/store/postgres/index.ts';
import { sqliteStore } from '../../../../src/store/sqlite/index.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { collected } from '../../../support/journals.ts';
import { unclosed } from '../../../support/unclosed-store.ts';

/** Fails if asked to, after a step with a large answer. */
const desk = graph('desk', { state: fields({ question: last(''), answers: sum(), text: last('') }) })
  .node('ask', async ({ question }, { effect }) => {
    const answer = await effect('ask', question, () => 'long '.repeat(2_000));
    return { delta: { answers: 1, text: answer.slice(0, 4) } };
  })
  .node('check', ({ question }) => {
    if (question === 'fail') throw new Error('the question was bad');
  })
  .edge('ask', 'check')
  .start('ask')
  .build();

const stores = [
  ['memory', () => memoryStore()],
  ['sqlite', () => sqliteStore(join(temporaryFolder(), 'runs.db'))],
  ['PostgreSQL', () => postgresStore(database as PGlite, { schema: `runs_${schemaCount++}` })],
] as const;

let database: PGlite | undefined;
let schemaCount = 0;
beforeAll(async () => {
  database = await PGlite.create();
});
afterAll(() => database?.close());

interface Told {
  readonly runId: string;
  readonly recording: RunRecording;
}

/** Runs the questions under a policy, and closes the engine. `kept`: the store stays open. */
async function recorded(store: PrunableStore, record: RecordOptions, questions: Readonly<Record<string, string>>) {
  const told: Told[] = [];
  const observer: RunObserver = {
    observe: () => undefined,
    recorded: ({ runId }, recording) => void told.push({ runId, recording }),
  };
  const engine = createEngine(desk, { store: unclosed(store), record, observers: [observer] });
  const runs = [];
  for (const [runId, question] of Object.entries(questions)) runs.push(await engine.run({ question }, { runId }));
  await engine.close();
  return { told, runs, counts: engine.recordings() };
}

const recordings = async (store: PrunableStore): Promise<Readonly<Record<string, string | undefined>>> =>
  Object.fromEntries((await store.list({})).map(({ runId, recording }) => [runId, recording]));

describe.each(stores)('a recording policy on a store in %s', (_name, makeStore) => {
  it('records what fails, and of the rest keeps what a resume needs', async () => {
    const store = makeStore();
    const folder = temporaryFolder();
    const { told, counts, runs } = await recorded(store, { to: folder }, { good: 'hello', bad: 'fail' });
    expect(runs.map(({ status }) => status)).toEqual(['done', 'failed']);
    expect(counts).toEqual({ recorded: 1, skipped: 1, lost: 0, failedTries: 0 });
    expect(told).toEqual([
      { runId: 'bad', recording: { status: 'recorded', name: 'desk/bad.run.jsonl', time: expect.any(Number) } },
    ]);
    expect(await recordings(store)).toEqual({
      bad: 'recorded: desk/bad.run.jsonl',
      good: 'not-recorded: not asked for',
    });
    expect(readdirSync(join(folder, 'desk'))).toEqual(['bad.run.jsonl']);
    const { report } = await replay(desk, join(folder, 'desk/bad.run.jsonl'));
    expect(report.verdict).toBe('same');
    await expect(collected(exportRun(store, 'good'))).rejects.toMatchObject({ code: 'run-not-kept' });
    const kept = JSON.stringify(await collected(store.read('good')));
    expect(kept.length).toBeLessThan(6_000);
    expect(JSON.stringify(await collected(store.read('bad')))).toContain('long long');
  });

  it('resumes a failed run that was not recorded', async () => {
    const store = makeStore();
    await recorded(store, { to: temporaryFolder(), sample: 0 }, { bad: 'fail' });
    expect(await recordings(store)).toEqual({ bad: 'not-recorded: not asked for' });
    const mended = graph('desk', { state: fields({ question: last(''), answers: sum(), text: last('') }) })
      .node('ask', () => {
        throw new Error('asked again');
      })
      .node('check', () => undefined)
      .edge('ask', 'check')
      .start('ask')
      .build();
    const engine = createEngine(mended, { store: unclosed(store) });
    const run = await engine.resume('bad', { force: true });
    expect(run).toMatchObject({ status: 'done', state: { answers: 1, text: 'long' } });
    await engine.close();
  });

  it('asks a policy once, about a run that has ended', async () => {
    const asked: EndedRun[] = [];
    const when = (run: EndedRun): boolean => {
      asked.push(run);
      return run.runId === 'good';
    };
    const store = makeStore();
    const folder = temporaryFolder();
    const { counts } = await recorded(store, { to: folder, when }, { good: 'hello', bad: 'fail' });
    expect(asked.map(({ runId, status, graph: name, steps }) => [runId, status, name, steps])).toEqual([
      ['good', 'done', 'desk', 2],
      ['bad', 'failed', 'desk', 1],
    ]);
    expect(String(asked[1]?.error)).toContain('the question was bad');
    expect(counts).toMatchObject({ recorded: 1, skipped: 1 });
    const { report } = await replay(desk, join(folder, 'desk/good.run.jsonl'));
    expect(report.verdict).toBe('same');
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no such label');
      },
      'not-recorded: the policy threw: no such label',
    ],
    [
      'gives a promise',
      () => Promise.resolve(true),
      'not-recorded: the policy did not answer true or false: `when` must not be async',
    ],
  ])('survives a policy that %s', async (_what, when, mark) => {
    const store = makeStore();
    const { counts, told } = await recorded(store, { to: temporaryFolder(), when: when as never }, { good: 'hello' });
    expect(await recordings(store)).toEqual({ good: mark });
    expect(counts.lost).toBe(1);
    expect(told).toHaveLength(1);
  });

  it('draws the sample from the seed: the same runs each time', async () => {
    const sampled = async (): Promise<readonly string[]> => {
      const store = makeStore();
      const engine = createEngine(desk, {
        store: unclosed(store),
        record: { when: 'all', sample: 0.3, to: temporaryFolder() },
      });
      for (let seed = 0; seed < 20; seed += 1)
        await engine.run({ question: 'x' }, { runId: `r${seed}`, seed: `${seed}` });
      await engine.close();
      const marks = await recordings(store);
      return Object.keys(marks).filter((runId) => marks[runId]?.startsWith('recorded') === true);
    };
    const first = await sampled();
    expect(await sampled()).toEqual(first);
    expect(first.length).toBeGreaterThan(1);
    expect(first.length).toBeLessThan(14);
  });

  it('marks a run whose fixture would be too large, and keeps no part of it', async () => {
    const store = makeStore();
    const folder = temporaryFolder();
    const { counts } = await recorded(store, { to: folder, maxBytes: 2_000 }, { bad: 'fail' });
    expect(await recordings(store)).toEqual({ bad: 'not-recorded: too large' });
    expect(counts).toMatchObject({ recorded: 0, lost: 1 });
    expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.jsonl'))).toEqual([]);
  });

  it('hands a function the bytes of the fixture', async () => {
    const store = makeStore();
    const uploads = new Map<string, string>();
    const to: RecordOptions['to'] = async ({ name, stream }) => {
      uploads.set(name, await new Response(stream).text());
    };
    await recorded(store, { to }, { bad: 'fail' });
    expect([...uploads.keys()]).toEqual(['desk/bad.run.jsonl']);
    expect(uploads.get('desk/bad.run.jsonl')).toBe(await new Response(exportRun(store, 'bad')).text());
  });

  it('tells observers of a path that reaches nothing in the run, though a field has an initial value there', async () => {
    const lines: string[] = [];
    const early = graph('early', { state: fields({ customer: last({ name: '' }) }) })
      .node('load', async (_state, { effect }) => {
        const { name } = await effect('crm', {}, () => ({ name: 'Ada Lovelace' }));
        throw new TypeError(`no tier for ${name}`);
      })
      .start('load')
      .build();
    const redact = { paths: ['state.customer.name', 'errors.*.message'] };
    const observers = [jsonLog((line) => lines.push(line))];
    const engine = createEngine(early, { store: makeStore(), record: { to: temporaryFolder(), redact }, observers });
    await engine.run({}, { runId: 'bad' });
    await engine.close();
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      what: 'run-recorded',
      unmatchedPaths: ['state.customer.name'],
    });
  });

  it('is seen by the observers that Reprise comes with', async () => {
    const lines: string[] = [];
    const register = new Registry();
    const observers = [jsonLog((line) => lines.push(line)), prometheus({ register })];
    const engine = createEngine(desk, { store: makeStore(), record: { to: temporaryFolder() }, observers });
    await engine.run({ question: 'fail' }, { runId: 'bad' });
    await engine.close();
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual({
      time: expect.any(String),
      what: 'run-recorded',
      runId: 'bad',
      graph: 'desk',
      name: 'desk/bad.run.jsonl',
    });
    expect(await register.metrics()).toContain('reprise_recordings_total{graph="desk",status="recorded"} 1');
  });

  it('never overwrites a file, and takes the same file for its own', async () => {
    const store = makeStore();
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'desk'));
    writeFileSync(join(folder, 'desk/bad.run.jsonl'), 'mine');
    await recorded(store, { to: folder }, { bad: 'fail' });
    expect(readFileSync(join(folder, 'desk/bad.run.jsonl'), 'utf8')).toBe('mine');
    expect(await recordings(store)).toEqual({ bad: 'recorded: desk/bad-2.run.jsonl' });
  });
});
