// The whole story of a wanted change: a run fails by a bug and is recorded by itself, the bug is mended, the fixture is
// updated. Then a prompt changes, and only what is missing is asked for.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { changed, makeProject, processOf, reprise } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import { commandHere } from '../support/command-here.ts';
import { temporaryFolder } from '../support/folder.ts';
import { bodyOf, LoopbackServer } from '../support/loopback-server.ts';

const source = `import { append, fields, graph, last } from 'reprise';
const model = async (prompt) => {
  const answer = await fetch(process.env.PROVIDER + '/v1/chat', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-proj-1234567890abcdef' },
    body: JSON.stringify({ prompt }),
  });
  return (await answer.json()).text;
};
export const triage = graph('triage', { state: fields({ ticket: last(), notes: append(), team: last('none') }) })
  .node('read', async (state) => ({ delta: { notes: [await model('Read: ' + state.ticket)] } }))
  .node('judge', async (state) => ({ delta: { notes: [await model('Judge: ' + state.notes[0])] } }))
  .node('assign', (state) => {
    const [, note] = state.notes;
    if (note.length > 30) throw new Error('no team for ' + note);
    return { delta: { team: 'support' } };
  })
  .edge('read', 'judge')
  .edge('judge', 'assign')
  .start('read')
  .build();
`;

/** What runs in production: it records what fails. */
const server = `import { createEngine } from 'reprise';
import { httpEffects } from 'reprise/http';
import { triage } from './triage.ts';
const engine = createEngine(triage, { effects: [httpEffects()], record: { to: 'fixtures' } });
for (const ticket of ['ok', 'it broke after lunch']) {
  const { status } = await engine.run({ ticket }, { runId: ticket.split(' ')[0] });
  console.log(status);
}
await engine.close();
console.log(JSON.stringify(engine.recordings()));
`;

it('accepts a mended bug without a call, and another prompt with exactly one', { timeout: 180_000 }, async () => {
  const calls: string[] = [];
  await using provider = await LoopbackServer.start(async (request, response) => {
    const { prompt } = JSON.parse((await bodyOf(request)).toString()) as { readonly prompt: string };
    calls.push(prompt);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ text: `done: ${prompt}`, token: 'ghp_abcdefghijklmnopqrst1234' }));
  });
  const folder = temporaryFolder();
  const files = { 'triage.ts': source, 'server.ts': server };
  makeProject(folder, { ...files, 'reprise.config.ts': "export default { graphs: ['triage.ts'] };\n" });
  const env = { PROVIDER: provider.url };
  const command = (...args: readonly string[]): Promise<Ended> => reprise(folder, args, { env });
  const path = join(folder, 'fixtures/triage/it.run.jsonl');
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: folder, encoding: 'utf8' });
  const newLines = (): readonly { readonly kind?: string; readonly at?: string; readonly block?: string }[] =>
    git('diff', '-U0')
      .split('\n')
      .filter((line) => line.startsWith('+{'))
      .map((line) => JSON.parse(line.slice(1)) as object);

  expect(await processOf(process.execPath, ['--no-warnings', 'server.ts'], folder, { env })).toEqual({
    code: 0,
    out: 'done\nfailed\n{"recorded":1,"skipped":1,"lost":0,"failedTries":0}\n',
    talk: '',
  });
  const asked = calls.length;
  expect(asked).toBe(4);
  git('init', '-q');
  git('add', 'fixtures');
  expect(git('diff', '--cached', '--name-only')).toBe('fixtures/triage/it.run.jsonl\n');
  git('commit', '-qm', 'Record');

  const mended = changed(source, 'note.length > 30', 'note.length > 500');
  writeFileSync(join(folder, 'triage.ts'), mended);
  const red = await command('replay');
  expect(red.code).toBe(1);
  expect(red.out).toContain('"assign" in step 3 (3.0#1) ends differently');
  const accepted = await command('replay', '--update');
  expect(accepted).toMatchObject({ code: 0 });
  expect(accepted.out).toContain(
    'fixtures/triage/it.run.jsonl: updated\n1 fixture: 1 updated\n  1: the run failed, and is done now (fixtures/triage/it.run.jsonl)\n',
  );
  expect(git('status', '--porcelain', 'fixtures')).toBe(' M fixtures/triage/it.run.jsonl\n');
  // The attempt, its step and the end are others, and nothing before them.
  expect(newLines()).toMatchObject([
    { kind: 'outcome', at: '3.0#1' },
    { kind: 'commit', at: '3' },
    { kind: 'end' },
    { block: 'canonical' },
    { kind: 'outcome', at: '3.0#1' },
    { kind: 'commit', at: '3' },
    { kind: 'end' },
    { block: 'observed' },
  ]);
  expect(await command('replay')).toMatchObject({ code: 0 });

  writeFileSync(join(folder, 'triage.ts'), changed(mended, 'Judge: ', 'Judge kindly: '));
  const before = readFileSync(path);
  const refused = await command('replay', '--update');
  expect(refused.code).toBe(1);
  expect(readFileSync(path)).toEqual(before);
  expect(refused.out).toMatch(/Judge: done: Read: it broke[\s\S]*Judge kindly: done: Read: it broke/);
  expect(refused.out).toContain('  next: npx reprise replay fixtures/triage/it.run.jsonl --update --live\n');
  expect(calls).toHaveLength(asked);

  const closed = await reprise(folder, ['replay', '--update', '--live'], { env: { PROVIDER: 'http://127.0.0.1:1' } });
  expect(closed.code).toBe(1);
  expect(readFileSync(path)).toEqual(before);
  expect(closed.out).toMatch(
    /^fixtures.triage.it\.run\.jsonl: not updated: the run fails by what was performed \(POST \/v1\/chat: fetch failed.*\)\n {2}set the keys .* answer\n {2}next: npx reprise replay fixtures.triage.it\.run\.jsonl --update --live\n1 fixture: 0 updated, 1 left as it was\n$/,
  );

  const live = await command('replay', '--update', '--live', '--json');
  expect(live.code).toBe(0);
  expect(calls.slice(asked)).toEqual(['Judge kindly: done: Read: it broke after lunch']);
  expect(JSON.parse(live.out)).toMatchObject({
    summary: { updated: 1, refused: 0 },
    updates: [{ fixture: 'fixtures/triage/it.run.jsonl', verdict: 'updated' }],
  });
  const text = readFileSync(path, 'utf8');
  expect(text).not.toMatch(/ghp_(?!redacted0)/);
  expect(text.match(/"source":"[a-z]+"/g)).toEqual(['"source":"production"', '"source":"update"']);
  vi.stubEnv('PROVIDER', provider.url);
  expect(await commandHere(folder, ['replay'])).toMatchObject({ code: 0 });
  vi.unstubAllEnvs();
  expect(calls).toHaveLength(asked + 1);
});

const flaky = `import { fields, graph, last } from 'reprise';
const drawn = Math.random();
let runs = 0;
export const flaky = graph('flaky', { state: fields({ drawn: last(0), runs: last(0) }) })
  .node('draw', () => ({ delta: { drawn } }))
  .start('draw')
  .build();
export const counting = graph('counting', { state: fields({ runs: last(0) }) })
  .node('count', () => { runs += 1; return { delta: { runs: runs + Number(process.env.MORE ?? 0) } }; })
  .start('count')
  .build();
`;

it('tells a flaky fixture from a change, and knows some until a day', { timeout: 180_000 }, async () => {
  const folder = temporaryFolder();
  const known = (name: string, until: string): string =>
    `{ fixture: 'fixtures/flaky/${name}.run.jsonl', why: 'draws at import', until: '${until}' }`;
  makeProject(folder, {
    'flaky.ts': flaky,
    'reprise.config.ts': `export default { graphs: ['flaky.ts'], known: [${known('new', '2999-12-31')}, ${known('old', '2020-12-31')}] };\n`,
  });
  const fixtures = join(folder, 'fixtures/flaky');
  for (const [name, runId] of [
    ['flaky', 'new'],
    ['counting', 'more'],
  ] as const)
    await commandHere(folder, ['record', name, '--input', '{}', '--run-id', runId, '--out', 'fixtures/']);
  copyFileSync(join(fixtures, 'new.run.jsonl'), join(fixtures, 'old.run.jsonl'));
  const told = await reprise(folder, ['replay', '--json'], { env: { MORE: '1' } });
  expect(told.code).toBe(1);
  // The counter of the module is that of a fresh copy, so its change is one.
  expect(JSON.parse(told.out)).toMatchObject({
    reports: [
      { graph: 'counting', verdict: 'diverged', looks: { count: 2, modules: 'fresh' } },
      { graph: 'flaky', verdict: 'not deterministic', looks: { differs: { path: 'delta.drawn' } } },
      { graph: 'flaky', verdict: 'not deterministic' },
    ],
  });
  const excused = await reprise(folder, ['replay', 'fixtures/flaky/new.run.jsonl']);
  expect(excused.code).toBe(0);
  expect(excused.out).toContain('not deterministic');
  expect(excused.out).toContain('  known until 2999-12-31, and no failure until then: draws at import\n');
  const path = 'fixtures/flaky/old.run.jsonl';
  expect(await reprise(folder, ['replay', path])).toMatchObject({ code: 1 });

  const text = readFileSync(join(folder, path), 'utf8');
  writeFileSync(join(folder, path), text.replace(/"drawn":0\.\d+/, '"drawn":7'));
  expect(await commandHere(folder, ['replay', path])).toMatchObject({ code: 2 });
  expect(await commandHere(folder, ['seal', path])).toMatchObject({
    code: 0,
    out: `${path}: sealed, and marked as edited\n`,
  });
  expect((await commandHere(folder, ['replay', path])).out).toContain('the fixture was edited by hand');
});
