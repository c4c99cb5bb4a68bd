// The whole story of a wanted change: a run fails by a bug and is exported, the bug is mended, the fixture is updated. Then a
// prompt changes, and only what is missing is asked for.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { changed, makeProject, reprise } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
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
    if (note.length > 5) throw new Error('no team for ' + note);
    return { delta: { team: 'support' } };
  })
  .edge('read', 'judge')
  .edge('judge', 'assign')
  .start('read')
  .build();
`;

it('accepts a mended bug without a call, and another prompt with exactly one', { timeout: 60_000 }, async () => {
  const calls: string[] = [];
  await using provider = await LoopbackServer.start(async (request, response) => {
    const { prompt } = JSON.parse((await bodyOf(request)).toString()) as { readonly prompt: string };
    calls.push(prompt);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ text: `${prompt.split(':')[0]} is done`, token: 'ghp_abcdefghijklmnopqrst1234' }));
  });
  const folder = temporaryFolder();
  makeProject(folder, { 'triage.ts': source, 'reprise.config.ts': "export default { graphs: ['triage.ts'] };\n" });
  const command = (...args: readonly string[]): Promise<Ended> =>
    reprise(folder, args, { env: { PROVIDER: provider.url } });
  const path = join(folder, 'fixtures/triage/one.run.jsonl');
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: folder, encoding: 'utf8' });
  const newLines = (): readonly { readonly kind?: string; readonly at?: string; readonly block?: string }[] =>
    git('diff', '-U0')
      .split('\n')
      .filter((line) => line.startsWith('+{'))
      .map((line) => JSON.parse(line.slice(1)) as object);

  const ran = await command('run', 'triage', '--input', '{"ticket":"it broke"}', '--run-id', 'one');
  expect(ran.code).toBe(1);
  expect(await command('export', 'one', '--out', 'fixtures/')).toMatchObject({ code: 0 });
  expect(calls).toEqual(['Read: it broke', 'Judge: Read is done']);
  git('init', '-q');
  git('add', 'fixtures');
  git('commit', '-qm', 'Record');

  const mended = changed(source, 'note.length > 5', 'note.length > 500');
  writeFileSync(join(folder, 'triage.ts'), mended);
  expect(await command('replay')).toMatchObject({ code: 1 });
  const accepted = await command('replay', '--update');
  expect(accepted).toMatchObject({ code: 0, talk: '' });
  expect(accepted.out).toContain('fixtures/triage/one.run.jsonl: updated\n1 fixture: 1 updated\n');
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
  expect(refused.out).toMatch(/Judge: Read is done[\s\S]*Judge kindly: Read is done/);
  expect(refused.out).toContain(
    '  next: npx reprise replay fixtures/triage/one.run.jsonl --update --live, which performs only what is missing\n',
  );
  expect(calls).toHaveLength(2);

  const live = await command('replay', '--update', '--live', '--json');
  expect(live.code).toBe(0);
  expect(calls.slice(2)).toEqual(['Judge kindly: Read is done']);
  expect(JSON.parse(live.out)).toMatchObject({
    summary: { updated: 1, refused: 0 },
    updates: [{ fixture: 'fixtures/triage/one.run.jsonl', verdict: 'updated' }],
  });
  const text = readFileSync(path, 'utf8');
  expect(text).not.toContain('ghp_');
  expect(text.match(/"source":"[a-z]+"/g)).toEqual(['"source":"production"', '"source":"update"']);
  expect(await command('replay')).toMatchObject({ code: 0 });
  expect(calls).toHaveLength(3);
});
