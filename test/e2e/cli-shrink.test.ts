// A failing fixture is cut down on the command line, and the test that comes with it fails in vitest until it is mended.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { processOf, root } from '../support/cli.ts';
import { commandHere } from '../support/command-here.ts';
import { temporaryFolder } from '../support/folder.ts';
import { makeUserProject } from '../support/user-project.ts';

const source = (judge: string) => `import { append, fields, graph, input, last } from 'reprise';
export const desk = graph('desk', { state: fields({ topics: last(), found: append() }), inputs: { look: input() } })
  .node('plan', ({ topics }, { send }) => ({ route: topics.map((topic) => send('look', topic)) }))
  .node('look', (_state, { input: topic }) => ({ delta: { found: [${judge}] } }))
  .start('plan')
  .build();
`;

it('writes a small fixture and a test beside it, and nothing where something is', { timeout: 300_000 }, async () => {
  const folder = temporaryFolder();
  makeUserProject(folder, ['vitest'], {
    'package.json': '{"type":"module"}',
    'src/desk.ts': source('topic.length'),
    'vitest.config.ts': 'export default {};\n',
  });
  const fixture = 'fixtures/desk-1.run.jsonl';
  const topics = Array.from({ length: 20 }, (_, at) => `topic ${at}`);
  const graph = ['--graph', 'src/desk.ts#desk'];
  const made = await commandHere(folder, [
    ...['record', 'src/desk.ts#desk', '--input', JSON.stringify({ topics }), '--out', fixture],
  ]);
  expect(made).toMatchObject({ code: 0 });
  expect(await commandHere(folder, ['shrink', fixture, ...graph])).toMatchObject({
    code: 2,
    talk: expect.stringContaining('replays the same'),
  });
  // A module is read once in this process, so the other version has a name of its own.
  writeFileSync(join(folder, 'src/today.ts'), source("topic === 'topic 12' ? 'wrong' : topic.length"));
  const today = ['--graph', 'src/today.ts'];
  const { code, out, talk } = await commandHere(folder, ['shrink', fixture, ...today]);
  expect({ code, talk }).toMatchObject({ code: 0 });
  expect(out).toContain('shrunk: 2 to 2 steps, 21 to 2 tasks');
  expect(talk).toContain('written: fixtures/desk-1.shrunk.run.jsonl and fixtures/desk-1.shrunk.test.ts');
  expect(readdirSync(join(folder, 'fixtures')).sort()).toEqual([
    'desk-1.run.jsonl',
    'desk-1.shrunk.run.jsonl',
    'desk-1.shrunk.test.ts',
  ]);
  expect(readFileSync(join(folder, 'fixtures/desk-1.shrunk.test.ts'), 'utf8')).toContain('from "../src/today.ts"');
  const before = readFileSync(join(folder, 'fixtures/desk-1.shrunk.run.jsonl'), 'utf8');
  for (const out of [[], ['--out', 'fixtures/desk-1.shrunk.run.jsonl'], ['--out', 'fixtures/desk-1.shrunk.jsonl.zst']])
    expect(await commandHere(folder, ['shrink', fixture, ...today, ...out])).toMatchObject({
      code: 2,
      talk: expect.stringContaining('file-exists.md'),
    });
  expect(await commandHere(folder, ['shrink', fixture, ...today, '--out', 'fixtures'])).toMatchObject({
    code: 2,
    talk: expect.stringContaining('fixtures is not the name of a fixture'),
  });
  expect(readFileSync(join(folder, 'fixtures/desk-1.shrunk.run.jsonl'), 'utf8')).toBe(before);

  const vitest = async (): Promise<number | undefined> =>
    (await processOf(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run'], folder)).code;
  expect(await vitest()).toBe(1);
  writeFileSync(join(folder, 'src/today.ts'), source('topic.length'));
  expect(await vitest()).toBe(0);
});
