// A module that remembers from one run to the next: each fixture is the same alone, and not after others.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { changed, makeProject, reprise } from '../support/cli.ts';

const caching = `
import { fields, graph, last } from 'reprise';
const known = new Map<string, string>();
export const caching = graph('caching', { state: fields({ doc: last<string>(), text: last('') }) })
  .node('load', async (state, { effect }) => {
    const text = known.get(state.doc) ?? (await effect('load', { doc: state.doc }, () => 'text'));
    known.set(state.doc, text);
    return { delta: { text } };
  })
  .start('load')
  .build();
`;

const timing = `
import { fields, graph, last } from 'reprise';
const loadedAt = Date.now();
export const timing = graph('timing', { state: fields({ isLater: last(false) }) })
  .node('look', () => ({ delta: { isLater: Date.now() >= loadedAt } }))
  .start('look')
  .build();
`;

/** A limiter in the small: it starts a job no sooner than a while after the last one. */
const pacing = `
import { fields, graph, last } from 'reprise';
let next = Date.now();
const turn = async () => {
  const wait = Math.max(0, next - Date.now());
  next = Date.now() + wait + 20;
  if (wait > 0) await new Promise((done) => setTimeout(done, wait));
};
export const pacing = graph('pacing', { state: fields({ id: last<string>(), asked: last('') }) })
  .node('ask', async (state, { effect }) => {
    await turn();
    return { delta: { asked: await effect('ask', { id: state.id, at: Date.now() }, () => 'yes') } };
  })
  .start('ask')
  .build();
`;

const ids = ['a', 'b', 'c'];
const input = ['--input', '{"doc":"inv-1"}'];

let folder: string;
const fixture = (id: string): string => join(folder, `fixtures/caching/${id}.run.jsonl`);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-module-cache-'));
  makeProject(folder, {
    'src/caching.ts': caching,
    'src/timing.ts': timing,
    'src/pacing.ts': pacing,
    'reprise.config.ts': "export default { graphs: ['src/*.ts'], fixtures: 'fixtures/**/*.run.jsonl' };\n",
  });
  for (const id of ids) {
    const recorded = await reprise(folder, ['record', 'caching', ...input, '--run-id', id, '--out', 'fixtures/']);
    expect(recorded.code).toBe(0);
    expect(recorded.talk).not.toContain('does not replay');
    copyFileSync(fixture(id), join(folder, `${id}.jsonl`));
  }
});
afterEach(() => {
  writeFileSync(join(folder, 'src/caching.ts'), caching);
  for (const id of ids) copyFileSync(join(folder, `${id}.jsonl`), fixture(id));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('makes no difference to those after the first, and is named', async () => {
  const { code, out } = await reprise(folder, ['replay']);
  expect(code).toBe(0);
  const [first = '', ...others] = out.split(/^(?=fixtures\/)/m);
  expect(first).toContain('a.run.jsonl: same as recorded');
  expect(others).toHaveLength(2);
  for (const report of others) {
    expect(report).toContain(': same as recorded');
    expect(report.replace(/\s+/g, ' ')).toContain('a variable of a module keeps something from one run to the next');
  }
});

it('may be a limiter, whose clock stands where each run began', async () => {
  for (const id of ids) {
    const asked = ['--input', `{"id":"${id}"}`, '--run-id', id, '--out', 'paced/'];
    expect(await reprise(folder, ['record', 'pacing', ...asked])).toMatchObject({ code: 0 });
  }
  const named = (order: readonly string[]): string[] => order.map((id) => `paced/pacing/${id}.run.jsonl`);
  for (const order of [ids, ids.toReversed()]) {
    const { code, out } = await reprise(folder, ['replay', ...named(order)]);
    expect(out.match(/: same as recorded/g)).toHaveLength(3);
    expect(code).toBe(0);
  }
});

it('hides no change of the code behind another fixture', async () => {
  writeFileSync(join(folder, 'src/caching.ts'), changed(caching, "'load', { doc", "'load', { way: 2, doc"));
  const { code, out } = await reprise(folder, ['replay']);
  expect(out).not.toContain('same as recorded');
  expect(out).not.toContain('not deterministic');
  expect(code).toBe(1);
});

it.each([[], ['--live']])('drops no recorded effect that it answers for another fixture %s', async (...live) => {
  writeFileSync(
    join(folder, 'src/caching.ts'),
    changed(caching, '{ delta: { text } }', "{ delta: { text: text + '!' } }"),
  );
  const { code, out } = await reprise(folder, ['replay', '--update', ...live]);
  expect(out).not.toContain('dropped');
  expect(out).toContain('3 fixtures: 3 updated\n');
  expect(code).toBe(0);
  for (const id of ids) {
    expect(readFileSync(fixture(id), 'utf8')).toContain('"kind":"effect","name":"load"');
    expect(await reprise(folder, ['replay', fixture(id)])).toMatchObject({ code: 0 });
  }
});

it('performs live only what was not recorded, with what is remembered from no other fixture', async () => {
  const asksTwice = changed(
    caching,
    'known.set(state.doc, text);',
    "known.set(state.doc, text);\n    if (!known.has('rate')) known.set('rate', await effect('rate', {}, () => 'rate'));",
  );
  writeFileSync(join(folder, 'src/caching.ts'), asksTwice);
  const { code, out } = await reprise(folder, ['replay', '--update', '--live']);
  for (const id of ids) expect(out).toContain(`${id}.run.jsonl: updated (1 effect performed)\n`);
  expect(code).toBe(0);
  for (const id of ids) expect(await reprise(folder, ['replay', fixture(id)])).toMatchObject({ code: 0 });
});

it('is not in the way of what is exported', async () => {
  for (const id of ids)
    expect(await reprise(folder, ['run', 'caching', ...input, '--run-id', id])).toMatchObject({ code: 0 });
  const { out, talk } = await reprise(folder, ['export', '--status', 'done', '--out', 'exported/']);
  expect(talk).not.toContain('does not replay');
  expect(out.match(/: replays$/gm)).toHaveLength(3);
});

it('may be why a run is the same only behind others, which `--repeat` shows', async () => {
  const warm = `
    import { createEngine, memoryStore } from 'reprise';
    import { exportRunTo } from 'reprise/record';
    import { caching } from './src/caching.ts';
    const store = memoryStore();
    const engine = createEngine(caching, { store });
    for (const runId of ['cold', 'warm']) await engine.run({ doc: 'inv-1' }, { runId });
    await exportRunTo(store, 'warm', 'warm/warm.run.jsonl');
    await engine.close();
  `;
  writeFileSync(join(folder, 'warm.ts'), warm);
  execFileSync(process.execPath, ['--no-warnings', 'warm.ts'], { cwd: folder });
  const path = 'warm/warm.run.jsonl';
  expect(await reprise(folder, ['replay', path])).toMatchObject({ code: 1 });
  expect(await reprise(folder, ['replay', 'fixtures/caching/a.run.jsonl', path])).toMatchObject({ code: 0 });
  const { code, out } = await reprise(folder, ['replay', 'fixtures/caching/a.run.jsonl', path, '--repeat', '2']);
  expect(code).toBe(1);
  expect(out).toContain('warm.run.jsonl: diverged');
});

it('has read the clock before the run, in replays too', async () => {
  const recorded = await reprise(folder, ['record', 'timing', '--input', '{}', '--run-id', 'run', '--out', 'timed/']);
  expect(recorded).toMatchObject({ code: 0, talk: expect.not.stringContaining('does not replay') });
  const path = 'timed/timing/run.run.jsonl';
  const byAddress = ['--graph', 'src/timing.ts#timing'];
  for (const args of [
    ['replay', path],
    ['replay', path, ...byAddress],
    ['replay', '--update', path, ...byAddress],
  ])
    expect(await reprise(folder, args), String(args)).toMatchObject({ code: 0 });
});
