// `reprise explain`, as a user sees it: from a replay that diverges to the order behind it, and its line in another process.
import { beforeAll, expect, it } from 'vitest';
import { makeProject, reprise } from '../support/cli.ts';
import { sharedFolder } from '../support/folder.ts';

const folder = sharedFolder();

beforeAll(async () => {
  makeProject(folder, {
    'racing.ts': `import { setTimeout as wait } from 'node:timers/promises';
import { append, fields, graph, input } from 'reprise';
let seen = '';
export const desk = graph('desk', { state: fields({ found: append() }), inputs: { research: input() } })
  .node('plan', (_state, { send }) => ({ route: ['a', 'b', 'c'].map((id) => send('research', { id })) }))
  .node('research', async (_state, { input: { id }, effect }) => {
    await effect('search', { id }, () => wait(id === 'a' ? 200 : 0, 'pages'));
    seen += id;
    return { delta: { found: [await effect('model', { seen }, () => 'text')] } };
  })
  .start('plan')
  .build();
`,
  });
  const record = ['record', 'racing.ts', '--input', '{}', '--run-id', 'one', '--out', 'fixtures/', '--no-observed'];
  expect(await reprise(folder, record)).toMatchObject({ code: 0 });
});

const args = ['explain', 'fixtures/desk/one.run.jsonl', '--graph', 'racing.ts'];

it('finds the order in which a run comes out as recorded, where its replay diverges', async () => {
  const replayed = await reprise(folder, ['replay', 'fixtures/desk/one.run.jsonl', '--graph', 'racing.ts']);
  expect(replayed.code).toBe(1);
  expect(replayed.out).toContain(`if only the order differs: npx reprise ${args.join(' ')}`);
  const { code, out } = await reprise(folder, args);
  expect(code).toBe(1);
  expect(out).toContain("RACE: today's code comes out as recorded in another order, and not first in, first out");
  expect(out).toMatch(/variable `seen` in racing\.ts(?::\d+)? is written by "research"/);
  const [, schedule = ''] = /^reproduce: npx reprise explain .* --schedule '(.*)'$/m.exec(out) ?? [];
  expect(schedule).toMatch(/^fifo hold\([^)]+\)$/);
  const again = await reprise(folder, [...args, '--schedule', schedule, '--json']);
  expect(again.code).toBe(1);
  expect(JSON.parse(again.out)).toMatchObject({
    version: 1,
    fixture: 'fixtures/desk/one.run.jsonl',
    verdict: 'race',
    fifo: 'differently',
    recordedOrder: 'not kept',
    race: { schedule, from: 'given', variables: [{ name: 'seen', class: 'shared' }] },
  });
  const inOrder = await reprise(folder, [...args, '--schedule', 'recorded']);
  expect(inOrder).toMatchObject({ code: 2 });
  expect(inOrder.talk).toContain('it is not recorded in which order things came');
});
