// The workers of a store, and the runs that none of them has code for, as a shell shows them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { makeProject, reprise } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';

const desk = (node: string): string => `import { fields, graph, last } from 'reprise';

export const desk = graph('desk', { state: fields({ by: last('') }) })
  .node('ask', () => ({}))
  .node('${node}', () => ({ delta: { by: '${node}' } }))
  .edge('ask', '${node}')
  .start('ask')
  .build();
`;

const pay = (name: string): string => `import { fields, graph } from 'reprise';

export const pay = graph('pay', { state: fields({}) })
  .node('pay', async (_state, { effect, receive }) => {
    await effect('${name}', {}, () => 'paid');
    await receive('ready');
  })
  .start('pay')
  .build();
`;

let folder: string;
const run = (...args: readonly string[]): Promise<Ended> => reprise(folder, args);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-workers-'));
  makeProject(folder, {
    'src/old.ts': desk('old'),
    'src/new.ts': desk('new'),
    'src/charge.ts': pay('charge'),
    'src/card.ts': pay('charge-card'),
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('lists the workers that live, and doctor names the runs that none of them can drive', async () => {
  expect((await run('enqueue', 'src/old.ts', '--input', '{}', '--run-id', 'first', '--tenant', 'acme')).code).toBe(0);
  expect(await run('workers')).toMatchObject({ code: 0, out: '', talk: expect.stringContaining('npx reprise work\n') });
  expect((await run('doctor')).out).toMatch(/note +store .*: due, and no worker lives: 1 run\. .*npx reprise work\n/);
  const children: ChildProcess[] = [];
  const args = ['work', '--graph', 'src/new.ts', '--build', '2.0.1', '--poll', '50', '--max-runs-per-tenant', '1'];
  const worked = reprise(folder, args, { onStart: (child) => void children.push(child) });
  await vi.waitFor(async () => expect((await run('workers')).out).toContain('build 2.0.1'), {
    timeout: 60_000,
    interval: 200,
  });
  expect((await run('workers')).out).toMatch(/^\S+ .*: build 2\.0\.1, since \S+Z, 0 runs\n {2}desk {2}[0-9a-f]+\n$/);
  const listed = JSON.parse((await run('workers', '--json')).out) as { readonly workers: readonly object[] };
  expect(listed).toMatchObject({ version: 1, workers: [{ build: '2.0.1', graphs: [{ name: 'desk' }], runCount: 0 }] });
  await vi.waitFor(
    async () => {
      const doctor = await run('doctor');
      expect(doctor.code).toBe(1);
      expect(doctor.out).toMatch(
        /problem .*run first is due, and no live worker has code for graph desk \([0-9a-f]+\)\. .*npx reprise resume first --force\n/,
      );
    },
    { timeout: 60_000, interval: 200 },
  );
  expect(await run('show', 'first')).toMatchObject({
    out: expect.not.stringContaining('takes it up'),
    talk: expect.stringContaining('continue with the code of today: npx reprise resume first --force\n'),
  });
  expect((await run('list', '--stranded')).out).toMatch(/^first .*queued/m);
  expect((await run('enqueue', 'src/new.ts', '--input', '{}', '--run-id', 'second', '--tenant', 'acme')).code).toBe(0);
  await vi.waitFor(async () => expect((await run('list', '--status', 'done')).out).toContain('second'), {
    timeout: 60_000,
    interval: 200,
  });
  for (const child of children) child.kill('SIGTERM');
  expect((await worked).code).toBe(0);
  expect((await run('workers')).out).toBe('');
  expect((await run('list', '--stranded', '--json')).out).toContain('"first"');
  expect((await run('resume', '--all', '--graph', 'src/old.ts')).out).toBe('run first: done after 2 steps\n');
});

it('names the runs that the workers leave alone, and what --force would do', async () => {
  expect((await run('run', 'src/charge.ts', '--input', '{}', '--run-id', 'paid')).out).toContain('paused');
  expect((await run('send', 'paid', 'ready')).code).toBe(0);
  const children: ChildProcess[] = [];
  const args = ['work', '--graph', 'src/card.ts', '--poll', '50'];
  const worked = reprise(folder, args, { onStart: (child) => void children.push(child) });
  await vi.waitFor(async () => expect((await run('list', '--stranded')).out).toMatch(/^paid .*interrupted/m), {
    timeout: 20_000,
    interval: 200,
  });
  const next =
    /no live worker (with graph pay \([0-9a-f]+\) )?can continue it with its code; see why: npx reprise resume paid\. .* npx reprise resume paid --force\. .*a renamed charge, happens again\n/;
  expect(await run('doctor')).toMatchObject({ code: 1, out: expect.stringMatching(next) });
  expect((await run('show', 'paid')).talk).toMatch(next);
  expect(await run('resume', 'paid', '--graph', 'src/card.ts')).toMatchObject({
    code: 2,
    talk: expect.stringContaining('resume-diverged'),
  });
  for (const child of children) child.kill('SIGTERM');
  expect((await worked).code).toBe(0);
});
