// What `record` and `export` say of a fixture that they have just written and replayed.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { makeProject, reprise } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import { sharedFolder } from '../support/folder.ts';

const folder = sharedFolder();
const run = (...args: readonly string[]): Promise<Ended> => reprise(folder, args);
const record = (name: string): Promise<Ended> =>
  run('record', `graphs.mjs#${name}`, '--input', '{}', '--run-id', `${name}-1`, '--out', 'fixtures');

beforeAll(() => {
  makeProject(folder, {
    'graphs.mjs': `import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fields, graph, last } from 'reprise';
const state = fields({ text: last('') });
export const asks = graph('asks', { state })
  .node('approve', async (_state, { ask }) => ({ delta: { text: String(await ask('Refund?')) } }))
  .start('approve').build();
export const later = graph('later', { state })
  .node('draft', () => ({ delta: { text: 'a draft' } }))
  .node('approve', async (_state, { ask }) => { await ask('Refund?'); })
  .edge('draft', 'approve').start('draft').build();
export const counts = graph('counts', { state })
  .node('count', () => {
    appendFileSync('count.txt', '.');
    return { delta: { text: readFileSync('count.txt', 'utf8') } };
  })
  .start('count').build();
// Another route of the process asks something while the run goes its way.
const other = createServer((_request, response) => response.end('{}'));
let ticks;
export const busy = graph('busy', { state })
  .node('work', async (_state, { effect }) => ({
    delta: { text: await effect('work', {}, () => new Promise((resolve) => ticks(resolve))) },
  }))
  .start('work').build();
const waiting = new Promise((resolve) => { ticks = (done) => { resolve(done); }; });
void waiting.then((done) => other.listen(0, '127.0.0.1', async () => {
  await (await fetch('http://127.0.0.1:' + other.address().port)).text();
  other.close();
  other.closeAllConnections();
  done('worked');
}));
`,
  });
});

it('writes no fixture of a run that waits in its first step, and says what records it', async () => {
  const { code, out, talk } = await record('asks');
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(existsSync(join(folder, 'fixtures/asks'))).toBe(false);
  expect(talk).toContain('no fixture was written: it would hold nothing');
  const commands = [...talk.matchAll(/npx reprise (.*)$/gm)].map(([, line = '']) => line);
  expect(commands).toHaveLength(2);
  const [begin = '', save = ''] = commands.map((line) => line.replaceAll("'", ''));
  expect((await run(...begin.split(' '))).code).toBe(0);
  const resume = ['resume', 'asks-1', '--store', 'runs.db', '--graph', 'graphs.mjs#asks', '--answer', '"yes"'];
  expect((await run(...resume)).out).toContain('done');
  const saved = await run(...save.split(' '), '--graph', 'graphs.mjs#asks');
  expect(saved.out).toBe('fixtures/asks/asks-1.run.jsonl: replays\n');
});

it('writes what a run did before it waits, and says so', async () => {
  const { code, out, talk } = await record('later');
  expect({ code, out }).toEqual({ code: 1, out: 'fixtures/later/later-1.run.jsonl: run later-1, paused\n' });
  expect(talk).toContain('paused after step 1; the fixture holds it up to there');
  expect(talk).toContain('npx reprise run graphs.mjs#later');
});

it('says how often it ran the nodes again where the run does not replay', async () => {
  const { talk } = await record('counts');
  const count = readFileSync(join(folder, 'count.txt'), 'utf8').length;
  expect(talk).toContain('does not replay: ');
  expect(talk).toContain(`to see that, the nodes ran ${count - 1} more times, without network`);
});

it('has no doubt about a run that replays, whatever else its process did', async () => {
  const { code, talk } = await record('busy');
  expect(code).toBe(0);
  expect(talk).toMatch(/^note: unrecorded in 1: /m);
  expect(talk).not.toContain('may not replay');
  const shown = await run('show', 'fixtures/busy/busy-1.run.jsonl');
  expect(shown.out).toContain('may not replay because of this');
});
