// Answers and signals from one process to a run that another one drives, or drove when it was killed.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { answerStoredRun, openQuestionsOf, sendToStoredRun } from '../../src/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { makeProject, reprise } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import { sharedFolder } from '../support/folder.ts';

const folder = sharedFolder();
const graphs = `
import { existsSync, unlinkSync, writeFileSync } from 'node:fs';
import { append, fields, graph } from 'reprise';

const state = () => fields({ log: append<string>() });

/** A task that asks, beside one that works until the answer has come. */
export const busy = graph('busy', { state: state() })
  .node('start', () => ({}))
  .node('approve', async (_state, { ask }) => {
    const by = await ask<string>({ text: 'Ship it?', parcels: 2 }, { name: 'approve' });
    writeFileSync('answered', by);
    return { delta: { log: [by] } };
  })
  .node('work', async () => {
    while (!existsSync('answered')) await new Promise((resolve) => setTimeout(resolve, 20));
    return { delta: { log: ['worked'] } };
  })
  .edge('start', 'approve')
  .edge('start', 'work')
  .start('start')
  .build();

/** The process dies where a file says so, at once after something has reached the node. */
function mayDie(place: string): void {
  if (!existsSync(place)) return;
  unlinkSync(place);
  process.kill(process.pid, 'SIGKILL');
}

export const taking = graph('taking', { state: state() })
  .node('take', async (_state, { receive, ask, goto, stop }) => {
    const item = await receive<number>('item');
    mayDie('received-' + item);
    if (item < 0) return { route: stop() };
    const by = await ask<string>('Take ' + item + '?', { name: 'approve' });
    mayDie('answered-' + item);
    return { delta: { log: [item + ' ' + by] }, route: goto('take') };
  })
  .start('take')
  .build();
`;

beforeAll(() => makeProject(folder, { 'src/graphs.ts': graphs }));

const run = (...args: readonly string[]): Promise<Ended> => reprise(folder, [...args]);

it('a question is listed and answered from another process while the run is driven', async () => {
  const store = sqliteStore(join(folder, 'runs.db'));
  const running = run('run', 'src/graphs.ts#busy', '--input', '{}', '--run-id', 'busy-1');
  let open: Awaited<ReturnType<typeof openQuestionsOf>> = [];
  while (open.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if ((await store.find('busy-1')) !== undefined) open = await openQuestionsOf(store, 'busy-1');
  }
  expect(open).toMatchObject([{ key: '2.0:approve', question: { text: 'Ship it?' } }]);
  expect((await store.find('busy-1'))?.status).toBe('running');
  expect((await run('show', 'busy-1')).talk).toBe(
    '  next: wait for it: a process is driving it (npx reprise cancel busy-1 ends it)\n',
  );
  const unheard = await run('send', 'busy-1', 'go');
  expect(unheard.talk).toBe(
    '  note: no node of the run waits for a signal now; this one is kept until a node waits for "go"\n',
  );
  const answered = await run('answer', 'busy-1', '"Ada"');
  expect(answered).toMatchObject({ code: 0, out: expect.stringMatching(/^run busy-1: answered 2\.0:approve /) });
  expect(await running).toMatchObject({ code: 0, out: expect.stringContaining('"Ada"') });
  const late = await run('answer', 'busy-1', '2.0:approve', '"Bob"');
  expect(late).toMatchObject({ code: 2, talk: expect.stringContaining('question-answered') });
  expect(await run('send', 'busy-1', 'word')).toMatchObject({ code: 2, talk: expect.stringContaining('run-ended') });
  expect(await run('answer', 'busy-1', 'Ada')).toMatchObject({ code: 2, talk: expect.stringContaining('\'"Ada"\'') });
  await store.close();
});

it('nothing is lost or taken twice by processes that are killed as soon as it has reached them', async () => {
  const store = sqliteStore(join(folder, 'runs.db'));
  const begun = await run('run', 'src/graphs.ts#taking', '--input', '{}', '--run-id', 'taking-1');
  expect(begun.talk).toContain('taking-1  waits for "item"');
  expect(begun.talk).toMatch(/next: npx reprise send taking-1 .*item <json>, then npx reprise resume taking-1/);
  expect((await run('list', '--paused')).out).toContain('taking-1  waits for "item"');
  for (const item of [0, 1, 2]) await sendToStoredRun(store, 'taking-1', 'item', item);
  const unheard = await run('send', 'taking-1', 'itme', '7');
  expect(unheard).toMatchObject({ code: 0, out: 'run taking-1: sent "itme"\n' });
  expect(unheard.talk).toBe('  note: the run waits for "item" now; this one is kept until a node waits for "itme"\n');
  const heard = await run('send', 'taking-1', 'item', '-1');
  expect(heard).toMatchObject({
    code: 0,
    talk: expect.stringContaining('next: `npx reprise work --graph path/to/graph.ts#export` resumes it'),
  });
  const deaths = ['received-0', 'answered-0', 'received-2', 'answered-2'];
  for (const place of deaths) writeFileSync(join(folder, place), '');
  const answers: string[] = [];
  for (let turn = 0; (await store.find('taking-1'))?.status !== 'done'; turn += 1) {
    expect(turn, 'the run ends').toBeLessThan(20);
    await run('resume', 'taking-1', '--graph', 'src/graphs.ts#taking');
    for (const { key, question } of await openQuestionsOf(store, 'taking-1')) {
      await answerStoredRun(store, 'taking-1', key, `by ${turn}`);
      await expect(answerStoredRun(store, 'taking-1', key, 'again')).rejects.toMatchObject({
        code: 'question-answered',
      });
      answers.push(`${String(question).replace(/\D/g, '')} by ${turn}`);
    }
  }
  expect(deaths.filter((place) => existsSync(join(folder, place)))).toEqual([]);
  const shown = await run('show', 'taking-1', '--json');
  const logs = [...shown.out.matchAll(/"log":\["([^"]+)"\]/g)].map(([, line]) => line);
  expect(logs).toEqual(answers);
  expect(answers.map((line) => line[0])).toEqual(['0', '1', '2']);
  expect((await store.inbox('taking-1')).messages).toMatchObject([{ message: { name: 'itme', value: 7 } }]);
  await store.close();
});
