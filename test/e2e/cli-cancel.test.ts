// Cancels from a shell of runs that have something to clean up, and what a pass over all runs takes.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeProject, reprise } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';

const desk = `import { fields, graph } from 'reprise';

export const desk = graph('desk', { state: fields({}) })
  .node('hold', async (_state, { ask, onStop }) => {
    onStop(({ effect }) => effect('give back', 1, () => 'given back'));
    await ask('go?');
  })
  .start('hold')
  .build();
`;

const fan = `import { fields, graph, input } from 'reprise';

export const fan = graph('fan', { state: fields({}), inputs: { pay: input() } })
  .node('split', (_state, { send }) => ({ route: [send('pay', 'cash'), send('pay', 'card')] }))
  .node('pay', async (_state, { input, effect, ask }) => {
    await effect('charge', input, (what) => 'receipt of ' + what);
    if (input === 'cash') await ask('enough?');
  })
  .start('split')
  .build();
`;

let folder: string;
const run = (...args: readonly string[]): Promise<Ended> => reprise(folder, args);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-cancel-'));
  makeProject(folder, { 'src/desk.ts': desk, 'src/fan.ts': fan });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('says who ends a run that nobody drives and that has to clean up', async () => {
  await run('run', 'src/desk.ts', '--input', '{}', '--run-id', 'desk-1');
  const cancelled = await run('cancel', 'desk-1', '--reason', 'no longer needed');
  expect(cancelled).toMatchObject({ code: 0 });
  expect(cancelled.out).toContain('to be cancelled; it has to clean up first');
  expect(cancelled.out).toContain('npx reprise resume desk-1');
  expect(cancelled.out).not.toContain('the process driving it');
  const shown = await run('show', 'desk-1');
  expect(shown.out).toContain('interrupted, and to be cancelled: "no longer needed"');
  expect(shown.talk).toContain('npx reprise work ends it, or npx reprise resume desk-1');
  expect(shown.talk).not.toContain('npx reprise answer');
  await run('resume', '--all', '--graph', 'src/desk.ts');
  expect((await run('cancel', 'desk-1')).out).toBe('run desk-1: already cancelled\n');
});

it('says nothing of the reason of a cancel that was given none', async () => {
  await run('run', 'src/desk.ts', '--input', '{}', '--run-id', 'desk-3');
  await run('cancel', 'desk-3');
  expect((await run('show', 'desk-3')).out).toMatch(/\ninterrupted, and to be cancelled\n$/);
});

it('says of an answered run that its answer waits, and asks for none', async () => {
  await run('run', 'src/desk.ts', '--input', '{}', '--run-id', 'desk-2');
  expect((await run('show', 'desk-2')).talk).toContain('answer with npx reprise answer desk-2');
  await run('answer', 'desk-2', 'true');
  const { talk } = await run('show', 'desk-2');
  expect(talk).toContain('what was sent to it waits to be taken');
  expect(talk).not.toContain('npx reprise answer');
});

it.each([['--force'], ['--fresh'], ['--answer', 'true'], ['--timeout', '1000']])(
  'does not take %s for a pass over all runs',
  async (...given) => {
    const refused = await run('resume', '--all', '--graph', 'src/desk.ts', ...given);
    expect(refused.code).toBe(2);
    expect(refused.talk).toContain('--all takes no options of a single run');
  },
);

it.each(['cancelled', 'failed by its limit'])('shows what was done in the step in which a run was %s', async (how) => {
  const id = how.slice(0, 6);
  expect((await run('run', 'src/fan.ts', '--input', '{}', '--run-id', id)).out).toContain('paused');
  if (how === 'cancelled') await run('cancel', id, '--reason', 'customer left');
  else
    for (const given of [['--timeout', '1'], []]) {
      const { talk } = await run('resume', id, '--graph', 'src/fan.ts', ...given);
      expect(talk).toContain('next: Raise `timeoutMs` of the run');
    }
  const { out } = await run('show', id);
  if (how !== 'cancelled') expect(out).toMatch(/note: the run was resumed with other terms: ends by \d+-.* UTC\n/);
  expect(out).toMatch(
    /\nstep 2 \(not committed\): pay × 2\n {2}2\.0#1:call:charge "cash" → "receipt of cash"\n {2}2\.1#1:call:charge "card" → "receipt of card"\n(.*\n)*\n(cancelled: "customer left"|failed: .* took longer than its 1 ms)\n/,
  );
  const lines = (await run('show', id, '--json')).out.trim().split('\n');
  const entries = lines.map((line) => JSON.parse(line) as { kind: string; counts?: boolean });
  const shown = entries.filter(({ kind }) => kind !== 'note').map(({ kind, counts }) => `${kind} ${counts ?? true}`);
  expect(shown.slice(-4)).toEqual(['effect false', 'effect false', 'outcome false', 'end true']);
  expect((await run('show', id, '2.1#1:call:charge')).out).toContain('receipt of card');
  // What counts is as before.
  expect((await run('show', id, '--plain')).out).not.toContain('receipt');
});
