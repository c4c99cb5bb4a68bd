// Where a run failed is said by the commands, in the user's own code.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeProject, reprise } from '../support/cli.ts';
import { temporaryFolder } from '../support/folder.ts';

const source = `import { fields, graph, last } from 'reprise';
function load() {
  return JSON.parse('{oops');
}
export const loader = graph('loader', { state: fields({ told: last('') }) })
  .node('load', async (_state, { effect }) => ({ delta: { told: await effect('file', 'a', async () => load()) } }))
  .start('load')
  .build();
`;

it('run, show and a fixture name the function that threw, relative to the project', async () => {
  const folder = temporaryFolder();
  makeProject(folder, { 'src/graph.mjs': source });
  const ran = await reprise(folder, [
    'run',
    'src/graph.mjs#loader',
    '--input',
    '{}',
    '--store',
    'runs.db',
    '--run-id',
    'r',
  ]);
  expect(ran.code).toBe(1);
  expect(ran.talk).toContain('\n  at:   load (src/graph.mjs:3:15)\n  run:  npx reprise show r --store ');

  const [, page = ''] = /^ {2}see: {2}(.*)$/m.exec(ran.talk) ?? [];
  expect(existsSync(join(folder, page)) || existsSync(page), page).toBe(true);

  const shown = await reprise(folder, ['show', 'r', '--store', 'runs.db']);
  expect(shown.out).toMatch(/1\.0#1:call:file failed: SyntaxError: .*\n {6}at load \(src\/graph\.mjs:3:15\)\n/);

  await reprise(folder, ['export', 'r', '--store', 'runs.db', '--out', 'r.run.jsonl']);
  const fixture = readFileSync(join(folder, 'r.run.jsonl'), 'utf8');
  expect(fixture).toContain('at load (src/graph.mjs:3:15)');
  expect(fixture).not.toContain(folder);
  expect((await reprise(folder, ['show', 'r.run.jsonl'])).out).toContain('      at load (src/graph.mjs:3:15)\n');
  expect((await reprise(folder, ['replay', 'r.run.jsonl', '--graph', 'src/graph.mjs#loader'])).code).toBe(0);
});
