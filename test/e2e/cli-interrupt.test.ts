// A run that is stopped from outside, by a signal or by the death of its process, resumes where it stopped. Finished
// work is not repeated, and pending requests are sent again with the same idempotency key.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeProject, moduleText, projectFiles, reprise } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import { LoopbackServer } from '../support/loopback-server.ts';

let folder: string;
let server: LoopbackServer;
/** The idempotency keys of the calls, by path; empty for calls without one. */
let calls: Map<string, string[]>;
/** Called on a request to `/ship`, which gets no answer while this is set. */
let onShip: (() => void) | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-interrupt-'));
  makeProject(folder, { 'src/errands.ts': moduleText('errands.ts') });
  server = await LoopbackServer.start((request, response) => {
    const path = new URL(request.url ?? '', 'http://localhost').pathname;
    calls.set(path, [...(calls.get(path) ?? []), String(request.headers['idempotency-key'] ?? '')]);
    if (path === '/ship' && onShip !== undefined) onShip();
    else response.end(`${path.slice(1)} ${calls.get(path)?.length}`);
  });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  calls = new Map();
});

const run = (args: readonly string[], signals: readonly NodeJS.Signals[] = []): Promise<Ended> =>
  reprise(folder, args, {
    env: { ERRANDS_URL: server.url },
    onStart: (child) => {
      const send = (): void => {
        for (const signal of signals) child.kill(signal);
      };
      onShip = signals.length === 0 ? undefined : send;
    },
  });
const errands = ['src/errands.ts#errands', '--input', '{"customer":"ada"}', '--run-id'];

async function expectResumed(resume: readonly string[]): Promise<void> {
  expect(calls.get('/ship')).toHaveLength(1);
  const resumed = await run([...resume, '--json']);
  expect(resumed).toMatchObject({ code: 0, talk: '' });
  expect(JSON.parse(resumed.out)).toMatchObject({
    status: 'done',
    steps: 3,
    state: { summary: 'quote 1, pay 1, ship 2' },
  });
  expect(calls.get('/quote')).toHaveLength(1);
  expect(calls.get('/pay')).toEqual([expect.stringMatching(/\S{8}/)]);
  const [first, second, ...more] = calls.get('/ship') ?? [];
  expect(second).toBe(first);
  expect(more).toEqual([]);
  expect(first).not.toBe(calls.get('/pay')?.[0]);
}

it.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])(
  '%s ends `run` with 130 and the line that goes on with it',
  async (signal) => {
    const id = `errands-${signal}`;
    const interrupted = await run(['run', ...errands, id], [signal]);
    expect(interrupted.code).toBe(130);
    expect(interrupted.out).toContain(`run ${id}: interrupted after 1 step\n`);
    const [, line = ''] = /\n {2}next: npx reprise (resume .*)\n$/.exec(interrupted.talk) ?? [];
    expect(line).toBe(`resume ${id} --store ${join(folder, 'runs.db')} --graph src/errands.ts#errands`);
    expect((await run(['list', '--status', 'interrupted'])).out).toContain(id);
    await expectResumed(line.split(' '));
    expect((await run(['list', '--status', 'interrupted'])).out).toBe('no runs\n');
  },
);

it('a run whose process was killed resumes too', async () => {
  const killed = await run(['run', ...errands, 'killed'], ['SIGKILL']);
  expect(killed).toMatchObject({ code: undefined, out: '' });
  expect((await run(['list', '--status', 'running'])).out).toContain('killed');
  await expectResumed(['resume', 'killed', '--graph', 'src/errands.ts']);
});

it('a second signal ends the process at once', async () => {
  const ended = await run(['run', ...errands, 'twice'], ['SIGINT', 'SIGINT']);
  expect([130, undefined]).toContain(ended.code);
  await expectResumed(['resume', 'twice', '--graph', 'src/errands.ts']);
});

it('`resume` can be interrupted too, and resumed again', async () => {
  await run(['run', ...errands, 'again'], ['SIGINT']);
  const again = await run(['resume', 'again', '--graph', 'src/errands.ts'], ['SIGINT']);
  expect(again.code).toBe(130);
  expect(calls.get('/pay')).toHaveLength(1);
  calls.set('/ship', calls.get('/ship')?.slice(0, 1) ?? []);
  await expectResumed(['resume', 'again', '--graph', 'src/errands.ts']);
});

it('an interrupted `record` writes no fixture', async () => {
  const ended = await run(['record', ...errands, 'recorded', '--out', 'fixtures/'], ['SIGINT']);
  expect(ended).toMatchObject({ code: 130, out: '', talk: expect.stringContaining('no fixture was written') });
  expect(projectFiles(folder).filter((path) => path.startsWith('fixtures'))).toEqual([]);
});
