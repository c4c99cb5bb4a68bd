// `reprise/vitest` in a project of a user: it reads the config as the command line does, and says what to paste.
import { join } from 'node:path';
import { fields, graph, last } from 'reprise';
import { recordRun } from 'reprise/record';
import { beforeAll, expect, it } from 'vitest';
import type { Ended } from '../support/cli.ts';
import { processOf, reprise } from '../support/cli.ts';
import { sharedFolder } from '../support/folder.ts';
import { makeUserProject } from '../support/user-project.ts';

const folder = sharedFolder();
let ended: Ended;

/** As a module that makes its client while it is imported. */
const graphText = `import { fields, graph, last } from 'reprise';
if (!process.env.OPENAI_API_KEY || process.env.SEARCH_KEY !== 'mine') throw new Error('no key');
export const desk = graph('desk', { state: fields({ question: last<string>(), answer: last('') }) })
  .node('answer', () => ({ delta: { answer: 'fine' } }))
  .start('answer')
  .build();
`;

const testText = `import { describeFixtures, replay } from 'reprise/vitest';
import { describe, expect, test } from 'vitest';
import { fields, graph, last } from 'reprise';
import { desk } from '../src/desk.ts';

describeFixtures(desk, 'fixtures/desk/*.run.jsonl');
describe.concurrent('concurrently', () => describeFixtures(desk, '../fixtures/desk/one.*'));
describe('without fixtures', () => describeFixtures(desk, 'fixtures/none/*'));

test('own assertions', async () => {
  const { run, report } = await replay(desk, 'fixtures/desk/one.run.jsonl');
  expect(run.state.answer).toBe('fine');
  expect(report.verdict).toBe('same');
});

test('diverges', async () => {
  const changed = graph('desk', { state: fields({ question: last<string>(), answer: last('') }) })
    .node('answer', () => ({ delta: { answer: 'better' } }))
    .start('answer')
    .build();
  await expect(changed).toReplay('fixtures/desk/one.run.jsonl', { strictness: 'lenient' });
});

test('is given no graph', async () => {
  await expect('desk').toReplay('fixtures/desk/one.run.jsonl');
});
`;

beforeAll(async () => {
  makeUserProject(folder, ['vitest'], {
    'reprise.config.ts': "export default { graphs: ['src/*.ts'], env: { SEARCH_KEY: 'mine' } };\n",
    'src/desk.ts': graphText,
    'test/desk.test.ts': testText,
  });
  const recorded = graph('desk', { state: fields({ question: last<string>(), answer: last('') }) })
    .node('answer', () => ({ delta: { answer: 'fine' } }))
    .start('answer')
    .build();
  for (const runId of ['one', 'two'])
    await recordRun(recorded, { question: 'How?' }, { runId, out: `${join(folder, 'fixtures')}/` });
  // From a folder below the config, as an editor may start it.
  const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
  ended = await processOf(process.execPath, [vitest, 'run', '--reporter=verbose'], join(folder, 'test'));
});

it('one test a fixture, side by side too, and one that fails if there is none', () => {
  expect(ended.code).toBe(1);
  const lines = ended.out.split('\n').map((line) => line.trim().replace(/ \d+ms$/, ''));
  const passed = lines.filter((line) => line.startsWith('✓')).map((line) => line.replace(/^.*?> /, ''));
  expect(passed.sort()).toEqual([
    `concurrently > recorded runs of desk > ${folder}/fixtures/desk/one.run.jsonl`,
    'own assertions',
    `recorded runs of desk > ${folder}/fixtures/desk/one.run.jsonl`,
    `recorded runs of desk > ${folder}/fixtures/desk/two.run.jsonl`,
  ]);
  expect(ended.talk).toContain(`no fixture matches fixtures/none/* in ${join(folder, 'test')} or ${folder}`);
});

it('the text of the differ, with a line that can be pasted', async () => {
  expect(ended.talk).toMatch(/delta\.answer\n[\s\S]*recorded +"fine"\n +replayed +"better"/);
  const [, line = ''] = /reproduce: npx (reprise replay .*)/.exec(ended.talk) ?? [];
  expect(line).toBe(`reprise replay ${folder}/fixtures/desk/one.run.jsonl --lenient`);
  const again = await reprise(join(folder, 'test'), line.split(' ').slice(1));
  // The command replays the graph of the config, which has not changed.
  expect(again).toMatchObject({ code: 0, out: expect.stringContaining('same as recorded') });
});

it('what `expect` was not given', () => {
  expect(ended.talk).toContain('expect was not given a graph; pass it the result of `.build()`');
});
