// `reprise check`, as a user sees it: a finding, its line, and the same in a process of its own.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { makeProject, reprise } from '../support/cli.ts';
import { sharedFolder } from '../support/folder.ts';

const folder = sharedFolder();

const module = (work: string): string => `import { append, fields, graph, input } from 'reprise';
let last = '';
export const desk = graph('desk', { state: fields({ found: append() }), inputs: { research: input() } })
  .node('plan', (_state, { send }) => ({ route: ['a', 'b', 'c'].map((id) => send('research', { id })) }))
  .node('research', async (_state, { input: { id }, effect }) => {
    last = '';
    await effect('search', { id }, () => 'pages');
    ${work}
    return { delta: { found: [found] } };
  })
  .start('plan')
  .build();
`;

beforeAll(async () => {
  makeProject(folder, {
    'forgetful.ts': `import { fields, graph, last } from 'reprise';
let done = 0;
export const forgetful = graph('forgetful', { state: fields({ total: last(0) }) })
  .node('read', async (_state, { effect }) => {
    done = await effect('read', {}, () => 2);
  })
  .node('charge', async (_state, { effect }) => {
    await effect('charge', {}, () => 'charged');
    return { delta: { total: done } };
  })
  .edge('read', 'charge')
  .start('read')
  .build();
`,
    'racing.ts': module(
      "last += id;\n    await effect('model', { id }, () => 'text');\n    const found = id + ' after ' + last;",
    ),
    'sound.ts': module("const found = await effect('model', { id }, () => 'text of ' + id);"),
    'alone.ts': `import { fields, graph, last } from 'reprise';
export const alone = graph('alone', { state: fields({ out: last(0) }) }).node('one', () => ({ delta: { out: 1 } })).start('one').build();
`,
  });
  for (const [name, id] of [
    ['racing.ts', 'one'],
    ['sound.ts', 'two'],
    ['alone.ts', 'three'],
    ['forgetful.ts', 'four'],
  ] as const) {
    const recorded = await reprise(folder, ['record', name, '--input', '{}', '--run-id', id, '--out', 'fixtures/']);
    expect(recorded).toMatchObject({ code: 0 });
  }
});

it('finds an order that changes the result, and prints a line that shows it again', async () => {
  const args = ['check', 'fixtures/desk/one.run.jsonl', '--graph', 'racing.ts'];
  const { code, out, talk } = await reprise(folder, args);
  expect(code).toBe(1);
  // A slow machine shows progress.
  expect(talk).not.toContain('reprise:');
  expect(out).toMatch(/^fixtures\/desk\/one\.run\.jsonl: 2 steps, 4 tasks, 10 events, \d+ choices/);
  expect(out).toMatch(
    /^FOUND an order that changes the output of "research" in step 2, by way of `\w+` in racing\.ts$/m,
  );
  expect(out).toContain('found by schedule 1, shrunk from');
  expect(out).toMatch(/when the .* of "research" \(2\.\d#1\) comes only after the .* of "research" \(2\.\d#1\)/);
  expect(out).toMatch(/the output of "research" in step 2 \(2\.\d#1\) differs at delta\.found\[0\]/);
  expect(out).toMatch(
    /variable `\w+` in racing\.ts(?::\d+)? is written by "research" \(2\.0#1\), "research" \(2\.1#1\)/,
  );
  const [, schedule = ''] = /^reproduce: npx reprise check .* --schedule '(.*)'$/m.exec(out) ?? [];
  expect(schedule).toMatch(/^fifo hold\([^)]+\)$/);
  const again = await reprise(folder, [...args, '--schedule', schedule]);
  expect(again.code).toBe(1);
  expect(again.out).toContain('FOUND an order that changes the output of "research"');
});

it('says what was shown of a run that no order changes', async () => {
  const { code, out } = await reprise(folder, ['check', 'fixtures/desk/two.run.jsonl', '--graph', 'sound.ts']);
  expect(code).toBe(0);
  expect(out).toContain('PROVED: no order changes anything');
  expect(out).toMatch(
    /watch: in 3 watched runs no variable that nodes can reach was written \(\d+ variables? in \d+ files?\)/,
  );
  expect(out).toMatch(/every order of any two events: (\d+) of \1 in 3 schedules/);
});

it('says that there was nothing to explore', async () => {
  const { code, out } = await reprise(folder, ['check', 'fixtures/alone/three.run.jsonl', '--graph', 'alone.ts']);
  expect(code).toBe(0);
  expect(out).toContain('nothing to explore: at no moment was more than one thing ready');
});

it('fails where the time was over before what was asked for', async () => {
  const args = ['check', 'fixtures/desk/two.run.jsonl', '--graph', 'sound.ts', '--time', '1'];
  expect(await reprise(folder, args)).toMatchObject({ code: 0 });
  const { code, out } = await reprise(folder, [...args, '--faults', 'all']);
  expect(code).toBe(1);
  expect(out).toMatch(/faults: NONE of \d+ tried, as the time was over before; give more of it/);
});

it('finds a crash that changes the result, in modules of its own for each process', async () => {
  const args = ['check', 'fixtures/forgetful/four.run.jsonl', '--graph', 'forgetful.ts'];
  const without = await reprise(folder, args);
  expect(without).toMatchObject({ code: 0 });
  expect(without.out).not.toContain('crashes');
  const { code, out } = await reprise(folder, [...args, '--crashes']);
  expect(code).toBe(1);
  expect(out).toContain('FOUND a crash that changes the result');
  expect(out).toMatch(/when the process dies: die\((before|after) write \d+\)/);
  expect(out).toContain('the output of "charge" in step 2 (2.0#1) differs at delta.total');
  const [, schedule = ''] = /^reproduce: npx reprise check .* --schedule '(.*)'$/m.exec(out) ?? [];
  expect(schedule).toMatch(/^fifo die\([^)]+\)$/);
  const again = await reprise(folder, [...args, '--schedule', schedule]);
  expect(again.code).toBe(1);
  expect(again.out).toContain('FOUND a crash that changes the result');
});

it('says of a run that outlives every crash what can be sent twice', async () => {
  const args = ['check', 'fixtures/desk/two.run.jsonl', '--graph', 'sound.ts', '--crashes'];
  const { code, out } = await reprise(folder, args);
  expect(code).toBe(0);
  expect(out).toMatch(/crashes: before (\d+) and after \1 of \1 writes, and at (\d+) of \2 requests/);
  expect(out).toMatch(/can be sent twice, with one idempotency key/);
});

it('says what becomes of a run when a call of it fails', async () => {
  const args = ['check', 'fixtures/forgetful/four.run.jsonl', '--graph', 'forgetful.ts'];
  const { code, out } = await reprise(folder, [...args, '--faults', 'tools']);
  expect(code).toBe(0);
  expect(out).toContain('faults: 2 of 2 tried');
  expect(out.replaceAll(/\s+/g, ' ')).toContain(
    'when the answer to "charge" of "charge" (2.0#1) is an error: NOT HANDLED, the run fails',
  );
});

it('keeps what it finds beside the fixture, and tries it first', async () => {
  const args = ['check', 'fixtures/desk/one.run.jsonl', '--graph', 'racing.ts'];
  const first = await reprise(folder, [...args, '--save']);
  expect(first.out).toContain('kept in fixtures/desk/one.schedules');
  expect(readFileSync(join(folder, 'fixtures/desk/one.schedules'), 'utf8')).toMatch(/^# FOUND .*\nfifo hold\(.*\)$/m);
  const later = await reprise(folder, args);
  expect(later.code).toBe(1);
  expect(later.out).toContain('found by a saved schedule');
  expect(later.out).toContain('saved schedules tried first: 1');
  writeFileSync(join(folder, 'fixtures/desk/one.schedules'), 'lifo\n');
  const damaged = await reprise(folder, args);
  expect(damaged).toMatchObject({ code: 2 });
  expect(damaged.talk).toContain('one.schedules: line 1 is not a schedule: lifo');
  rmSync(join(folder, 'fixtures/desk/one.schedules'));
});

it('refuses a schedule that is not one, or is of another run', async () => {
  const args = ['check', 'fixtures/desk/one.run.jsonl', '--graph', 'racing.ts', '--schedule'];
  const malformed = await reprise(folder, [...args, 'lifo']);
  expect(malformed).toMatchObject({ code: 2 });
  expect(malformed.talk).toContain('not a schedule: lifo');
  const unknown = await reprise(folder, [...args, 'fifo hold(9.0#1:start until 2.0#1:start)']);
  expect(unknown).toMatchObject({ code: 2 });
  expect(unknown.talk).toContain('the run has no event 9.0#1:start');
});

it('prints reports as JSON', async () => {
  const { code, out } = await reprise(folder, [
    'check',
    'fixtures/desk/one.run.jsonl',
    '--graph',
    'racing.ts',
    '--json',
  ]);
  expect(code).toBe(1);
  const { reports } = JSON.parse(out) as { reports: readonly { verdict: string; finding: { holds: unknown[] } }[] };
  expect(reports.map(({ verdict }) => verdict)).toEqual(['found']);
  expect(reports[0]?.finding.holds).toHaveLength(1);
});

it('shares fixtures, and the drawn orders of one, among processes, and says the same', async () => {
  const args = ['check', 'fixtures/desk/{one,two}.run.jsonl', '--graph', 'racing.ts', '--workers'];
  const [alone, together] = await Promise.all([reprise(folder, [...args, '1']), reprise(folder, [...args, '2'])]);
  expect(alone.code).toBe(1);
  expect({ ...together, talk: '' }).toEqual({ ...alone, talk: '' });
  const shared = await reprise(folder, [
    'check',
    'fixtures/desk/two.run.jsonl',
    '--graph',
    'sound.ts',
    '--workers',
    '2',
  ]);
  expect(shared).toMatchObject({ code: 0 });
  expect(shared.out).toContain('PROVED: no order changes anything');
});
