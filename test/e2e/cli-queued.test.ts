// Runs that are queued from a shell, and what belongs to a run whichever command continues it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeProject, reprise } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';

const counter = `import { fields, graph, last, sum } from 'reprise';

export const counter = graph('counter', { state: fields({ by: last<number>(), count: sum(), drawn: last(0) }) })
  .node('add', ({ by }, { random }) => ({ delta: { count: by, drawn: random() } }))
  .node('check', () => ({}))
  .edge('add', 'check')
  .edge('check', 'add', { when: ({ count }) => count < 4 })
  .start('add')
  .build();
`;

let folder: string;
const run = (...args: readonly string[]): Promise<Ended> => reprise(folder, args);
const graph = ['--graph', 'src/counter.ts'];
const begin = (verb: 'run' | 'enqueue', ...args: readonly string[]): Promise<Ended> =>
  run(verb, 'src/counter.ts', '--input', '{"by":2}', ...args);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-queued-'));
  makeProject(folder, { 'src/counter.ts': counter });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('queues a run, says so, and a pass of a worker takes up what is due', async () => {
  expect(await begin('enqueue', '--run-id', 'now', '--label', 'for=acme')).toMatchObject({
    code: 0,
    out: 'run now: queued\n',
    talk: expect.stringContaining('next: npx reprise work'),
  });
  const later = await begin('enqueue', '--run-id', 'later', '--at', '2130-01-31T08:00Z', '--json');
  expect([later.code, later.out]).toEqual([0, '{"version":1,"run":"later"}\n']);
  const listed = await run('list', '--status', 'queued');
  expect(listed.out).toMatch(/^run .*\nlater +counter +queued .*\nnow +counter +queued /);
  const shown = await run('show', 'later');
  expect(shown.out).toContain('queued, due at 2130-01-31 08:00:00 UTC\n');
  expect(shown.talk).toContain('next: npx reprise work takes it up then; to run it now: npx reprise resume later');
  expect((await run('show', 'now')).out).toContain('labels  for=acme\n');
  const labelled = async (...labels: readonly string[]) => (await run('list', ...labels)).out.includes('now');
  expect(await labelled('--label', 'for=acme', '--limit', '1')).toBe(true);
  expect(await labelled('--label', 'for=somebody')).toBe(false);
  expect(await labelled('--label', 'for=acme', '--label', 'by=hand')).toBe(false);
  expect((await run('resume', '--all', ...graph)).out).toBe('run now: done after 4 steps\n');
  expect((await run('resume', 'later', ...graph)).out).toContain('run later: done after 4 steps\n');
});

it('keeps breakpoints and time limit, which a resume may change', async () => {
  const paused = await begin('enqueue', '--run-id', 'gated', '--pause-before', 'check', '--timeout', '3600000');
  expect(paused.code).toBe(0);
  expect((await run('show', 'gated')).out).toMatch(/pauses {2}before check\nends {4}by \d{4}-/);
  expect((await run('resume', '--all', ...graph)).out).toBe('run gated: paused after 1 step\n');
  expect((await run('resume', '--all', ...graph)).talk).toContain('can continue now');
  expect((await run('resume', 'gated', ...graph)).out).toContain('run gated: paused after 3 steps\n');
  const resumed = await run('resume', 'gated', ...graph, '--pause-before', 'add', '--label', 'by=hand');
  expect(resumed.out).toContain('run gated: done after 4 steps\n');
  expect((await run('show', 'gated')).out).toContain('note: the run was resumed');
});

it('gets the run that has the ID, if it is the same', async () => {
  await begin('run', '--run-id', 'one');
  expect((await begin('run', '--run-id', 'one', '--attach')).out).toContain('run one: done after 4 steps\n');
  expect(await begin('enqueue', '--run-id', 'one', '--attach')).toMatchObject({ code: 0 });
  for (const verb of ['run', 'enqueue'] as const) {
    const other = await run(verb, 'src/counter.ts', '--input', '{"by":3}', '--run-id', 'one', '--attach');
    expect(other).toMatchObject({ code: 2, talk: expect.stringContaining('input.by is 2, and this call gives 3') });
    expect((await begin(verb, '--run-id', 'one')).talk).toContain('next: Choose another --run-id,');
  }
});

it('forks with another seed', async () => {
  await begin('run', '--run-id', 'seeded', '--seed', 'one');
  const drawn = async (...args: readonly string[]): Promise<number> => {
    const { out } = await run('fork', 'seeded', '--step', '2', ...graph, '--json', ...args);
    return JSON.parse(out).state.drawn;
  };
  const [same, other] = [await drawn(), await drawn('--seed', 'two')];
  expect(other).not.toBe(same);
  expect(await drawn('--seed', 'two')).toBe(other);
});

it.each([
  [['--at', 'tomorrow'], '--at "tomorrow" is no time'],
  [['--label', 'acme'], 'It must be a name and a text'],
  [['--pause-before', 'chekc'], 'graph "counter" has no node "chekc"'],
  [['--timeout', '0'], 'option "timeoutMs"'],
])('refuses %j', async (args, message) => {
  expect(await begin('enqueue', ...args)).toMatchObject({ code: 2, talk: expect.stringContaining(message) });
});
