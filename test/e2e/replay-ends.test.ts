// A replay always ends with a verdict: what the code of a node waits for in vain, or throws where nobody could catch it, is
// a difference of that run, and the next fixture has its turn.
import { beforeAll, expect, it } from 'vitest';
import { makeProject, reprise } from '../support/cli.ts';
import { sharedFolder } from '../support/folder.ts';

const folder = sharedFolder();

/** What the node does when it is replayed, and what the report says. */
const ways: readonly (readonly [name: string, code: string, said: RegExp])[] = [
  ['waits', 'await new Promise(() => {});', /replay-stalled\].*node "act" waits for something/],
  ['turns', 'for (;;) await new Promise((resolve) => setImmediate(resolve));', /goes round and round.*acts\.mjs:\d+/],
  ['polls', 'await new Promise(() => { setInterval(() => {}, 5); });', /fired 10000 times/],
  ['sleeps', 'for (;;) await new Promise((resolve) => setTimeout(resolve, 5));', /fired 10000 times/],
  [
    'throws-in-timer',
    "await new Promise(() => { setTimeout(() => { throw new Error('late'); }, 5); });",
    /Error: late/,
  ],
  [
    'throws-in-tick',
    "await new Promise(() => { process.nextTick(() => { throw new Error('late'); }); });",
    /Error: late/,
  ],
  ['throws-behind', "setImmediate(() => { throw new Error('late'); });", /uncaught.*late/s],
  [
    'writes-behind',
    "await new Promise(() => { setImmediate(() => net.connect(1, '127.0.0.1')); });",
    /TCP connection to 127/,
  ],
  ['throws-nonsense', 'process.nextTick(() => { throw undefined; }); await new Promise(() => {});', /diverged/],
];

beforeAll(async () => {
  const cases = ways.map(([name, code]) => `  if (way === '${name}') { ${code} }`).join('\n');
  makeProject(folder, {
    'acts.mjs': `import net from 'node:net';
import { fields, graph, last } from 'reprise';
const isChanged = process.env.CHANGED === 'yes';
async function act(way) {
  if (!isChanged) return;
${cases}
}
export const acts = graph('acts', { state: fields({ way: last(''), isDone: last(false) }) })
  .node('act', async ({ way }) => {
    await act(way);
    return { delta: { isDone: true } };
  })
  .start('act')
  .build();
`,
  });
  for (const way of [...ways.map(([name]) => name), 'zero']) {
    const { code } = await reprise(folder, [
      'record',
      'acts.mjs',
      '--input',
      JSON.stringify({ way }),
      '--run-id',
      way,
      '--out',
      'fixtures/',
    ]);
    expect(code, way).toBe(0);
  }
}, 120_000);

const replayed = (options: readonly string[]): ReturnType<typeof reprise> =>
  reprise(folder, ['replay', 'fixtures/**/*.run.jsonl', '--graph', 'acts.mjs', ...options], {
    env: { CHANGED: 'yes' },
  });

it.concurrent('says for each fixture what its node did, and replays them all', { timeout: 120_000 }, async () => {
  const { code, out } = await replayed([]);
  expect(code).toBe(1);
  const reports = out.split(/^(?=\S*fixtures\/)/m);
  for (const [name, , said] of ways) {
    const report = reports.find((text) => text.includes(`/${name}.run.jsonl: diverged`)) ?? '';
    expect(report.replaceAll(/\s+/g, ' '), name).toMatch(said);
  }
  expect(out).toMatch(/zero\.run\.jsonl: same as recorded/);
});

it.concurrent('does so as JSON', { timeout: 120_000 }, async () => {
  const { code, out } = await replayed(['--json']);
  expect(code).toBe(1);
  const { reports, faults } = JSON.parse(out) as {
    reports: { verdict: string; divergences: { stack?: string }[] }[];
    faults: unknown[];
  };
  expect(faults).toEqual([]);
  expect(reports.map(({ verdict }) => verdict).toSorted()).toEqual([...ways.map(() => 'diverged'), 'same']);
  expect(JSON.stringify(reports)).not.toContain(folder);
});
