// Tasks on workers from a shell: a run waits, doctor says for what, and a worker in another process makes them.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { makeProject, reprise } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';

const survey = `import { fields, graph, input, sum } from 'reprise';

export const survey = graph('survey', { state: fields({ found: sum() }), inputs: { research: input<number>() } })
  .node('plan', (_state, { send }) => ({ route: [1, 2, 3].map((topic) => send('research', topic)) }))
  .node(
    'research',
    async (_state, { input: topic, effect }) => ({ delta: { found: await effect('search', topic, () => topic) } }),
    { on: 'workers' },
  )
  .start('plan')
  .build();
`;

let folder: string;
let worker: ChildProcess | undefined;
const run = (...args: readonly string[]): Promise<Ended> => reprise(folder, args);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-tasks-'));
  makeProject(folder, { 'src/survey.ts': survey });
});
afterAll(() => {
  worker?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

it('waits for workers, which make the tasks, and replays without any', async () => {
  const running = run('run', 'src/survey.ts', '--input', '{}', '--run-id', 'survey-1');
  const cli = join(import.meta.dirname, '../../dist/cli/main.mjs');
  worker = spawn(
    process.execPath,
    [cli, 'work', '--graph', 'src/survey.ts', '--tasks', 'research', '--width', '2', '--build', '7'],
    {
      cwd: folder,
      stdio: 'ignore',
    },
  );
  await vi.waitFor(async () => expect((await run('workers')).out).toContain('build 7'), {
    timeout: 60_000,
    interval: 200,
  });
  expect((await run('workers')).out).toMatch(
    /^\S+ .*: build 7, since \S+Z, \d tasks?\n {2}tasks of research of survey {2}[0-9a-f]+\n$/,
  );
  const listed = JSON.parse((await run('workers', '--json')).out) as { readonly workers: readonly object[] };
  expect(listed.workers).toMatchObject([{ graphs: [], tasks: [{ graph: 'survey', node: 'research' }] }]);
  const ended = await running;
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.talk).toContain(
    'tasks of research run on workers. If none lives, this run waits for one: npx reprise work --tasks research --graph src/survey.ts\n',
  );
  expect((await run('show', 'survey-1')).out).toContain('research');
  expect(await run('export', 'survey-1', '--out', 'survey.run.jsonl')).toMatchObject({ code: 0 });
  expect(await run('replay', 'survey.run.jsonl', '--graph', 'src/survey.ts')).toMatchObject({ code: 0 });
});

it('refuses what means nothing', async () => {
  const refused = async (...args: readonly string[]): Promise<string> => {
    const { code, talk } = await run('work', '--graph', 'src/survey.ts', ...args);
    expect(code).toBe(2);
    return talk;
  };
  expect(await refused('--width', '3')).toContain('--width is about tasks');
  expect(await refused('--tasks', 'research', '--max-runs', '3')).toContain('no runs are driven');
  expect(await refused('--tasks', 'plan')).toContain('no node "plan" runs on workers');
});
