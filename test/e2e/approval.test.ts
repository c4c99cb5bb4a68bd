// A person in the loop across processes: asked in one, answered in another, paid out once, replayed offline.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { reprise, root } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import { temporaryFolder } from '../support/folder.ts';

const graph = 'docs/examples/approval/graph.ts';
let folder: string;
let store: string;
const run = (...args: readonly string[]): Promise<Ended> =>
  reprise(root, [...args], { env: { REFUND_LOG: join(folder, 'log') } });
const onStore = (...args: readonly string[]): Promise<Ended> => run(...args, '--store', store);
const calls = (): readonly string[] => readFileSync(join(folder, 'log'), 'utf8').trim().split('\n');
const begin = (runId: string): Promise<Ended> =>
  onStore('run', graph, '--input', '{"order":"A-17"}', '--run-id', runId, '--seed', 's');

beforeEach(() => {
  folder = temporaryFolder();
  store = join(folder, 'runs.db');
});

describe('approval', () => {
  it('pauses with exit code 0, lists its question, and resumes in another process with the answer', async () => {
    const paused = await begin('refund-1');
    expect(paused).toMatchObject({ code: 0, out: expect.stringMatching(/^run refund-1: paused after 1 step\n/) });
    expect(paused.talk).toContain('next: npx reprise resume refund-1');
    const listed = await onStore('list', '--paused');
    expect(listed.out).toContain(
      'refund-1  "Refund 44 for order A-17?" {"amount":44}  2.0:approve~78b1a22  asked by "approve"',
    );
    const refused = await onStore('resume', 'refund-1', '--answer', '{"approved":1}');
    expect(refused).toMatchObject({ code: 2, talk: expect.stringContaining('answer-invalid') });
    expect((await onStore('list', '--paused')).out).toContain('2.0:approve');
    const done = await onStore('resume', 'refund-1', '--answer', '{"approved":true,"by":"Ada"}');
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining('approved by Ada, receipt R-A-17-44') });
    // Nothing from before the question was done again, and the money was paid once.
    expect(calls().map((line) => line.split(' ')[0])).toEqual(['draft', 'pay']);
  });

  it('replays offline with the answer, as its committed fixture does', async () => {
    await begin('refund-1');
    await onStore('resume', 'refund-1', '--answer', '{"approved":true,"by":"Ada"}');
    const before = calls().length;
    expect((await onStore('export', 'refund-1', '--out', `${folder}/`, '--no-observed')).code).toBe(0);
    const fixture = join(folder, 'approval/refund-1.run.jsonl');
    const replayed = await run('replay', fixture);
    expect(replayed).toMatchObject({ code: 0, out: expect.stringContaining('3 effects') });
    expect(calls()).toHaveLength(before);
    const committed = readFileSync(join(root, 'fixtures/approval/refund-1.run.jsonl'), 'utf8');
    expect(canonicalBlock(committed)).toBe(canonicalBlock(readFileSync(fixture, 'utf8')));
  });

  it('is cancelled from another process while it waits', async () => {
    await begin('refund-2');
    const shown = await onStore('show', 'refund-2');
    expect(shown.out).toMatch(/\npaused\n$/);
    expect(shown.talk).toContain('then npx reprise resume refund-2 --store');
    expect(await onStore('cancel', 'refund-2', '--reason', 'order withdrawn')).toMatchObject({
      code: 0,
      out: 'run refund-2: cancelled\n',
    });
    expect(await onStore('cancel', 'refund-2')).toMatchObject({ code: 1, out: 'run refund-2: already cancelled\n' });
    expect((await onStore('resume', 'refund-2', '--answer', '{"approved":true,"by":"Ada"}')).code).toBe(2);
  });

  it('is forked from a label, and asks again; the first run is unchanged', async () => {
    await begin('refund-3');
    await onStore('resume', 'refund-3', '--answer', '{"approved":true,"by":"Ada"}');
    const forked = await onStore('fork', 'refund-3', '--step', '1', '--patch', '{"amount":10}', '--run-id', 'refund-4');
    expect(forked).toMatchObject({ code: 0, out: expect.stringMatching(/^run refund-4: paused/) });
    expect(forked.talk).toContain('Refund 10 for order A-17?');
    const refused = await onStore('resume', 'refund-4', '--answer', '{"approved":false,"by":"Bob","note":"no"}');
    expect(refused.out).toContain('refused by Bob: no');
    expect((await onStore('show', 'refund-3')).out).toContain('approved by Ada');
    expect((await onStore('fork', 'refund-3', '--step', 'before')).code).toBe(2);
  });

  it("is continued live from a step of its fixture with today's code", async () => {
    const fixture = join(root, 'fixtures/approval/refund-1.run.jsonl');
    const live = await run('replay', fixture, '--live-from', '2');
    expect(live).toMatchObject({ code: 0, out: expect.stringContaining('done after 3 steps, 2 of them recorded') });
    // Only what follows the step was done, and for real.
    expect(calls().map((line) => line.split(' ')[0])).toEqual(['pay']);
    expect((await run('replay', fixture, '--live-from', '9')).code).toBe(2);
  });

  it('is resumed by `resume --all`, which leaves runs that wait for people alone', async () => {
    await begin('refund-5');
    const { code, out, talk } = await onStore('resume', '--all', '--graph', graph);
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(talk).toContain('`npx reprise list --paused` shows the runs that wait for an answer');
    expect((await onStore('list', '--paused')).out).toContain('refund-5');
  });
});

/** Up to the end of the canonical block; the run id is in the block after it. */
function canonicalBlock(text: string): string {
  return text.slice(0, text.indexOf('\n', text.indexOf('{"block":"canonical"')));
}
