// Nodes that read clocks and randomness as unchanged code does: live they are real, and a replay is the same, in another
// process, in another time zone, locale and folder, on another day, and under the fake timers of a test.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportRun, exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { httpEffects } from 'reprise/http';
import { createEngine, memoryStore } from 'reprise';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { root } from '../support/cli.ts';
import { sharedFolder } from '../support/folder.ts';
import { LoopbackServer } from '../support/loopback-server.ts';
import { readingGraph, readingNodes } from '../support/reading-graphs.ts';

const folder = sharedFolder();
const names = Object.keys(readingNodes);
const pathOf = (name: string): string => join(folder, `${names.indexOf(name)}.run.jsonl`);
const clocks = ['Date', 'performance', 'hrtime', 'Intl'] as const;
const same = [0, 'same', []];
let server: LoopbackServer;

async function record(name: string): Promise<unknown> {
  const store = memoryStore();
  await using engine = createEngine(readingGraph(name, server.url), { store, effects: [httpEffects()] });
  const run = await engine.run({}, { runId: `run-${names.indexOf(name)}` });
  expect(run.status).toBe('done');
  await exportRunTo(store, run.id, pathOf(name), { force: true });
  return run.state;
}

async function replayed(name: string): Promise<readonly unknown[]> {
  const { report } = await replay(readingGraph(name, server.url), pathOf(name));
  return [report.unrecordedReads, report.verdict, report.divergences];
}

beforeAll(async () => {
  server = await LoopbackServer.start((request, response) => {
    request.resume().on('end', () => {
      response.write('first ');
      setImmediate(() => response.end(`second of ${request.method}`));
    });
  });
  for (const name of names) await record(name);
});
afterAll(() => server[Symbol.asyncDispose]());
afterEach(() => void vi.useRealTimers());

it('records what they read, and nothing of one that reads nothing', async () => {
  for (const name of names) {
    const kept = readFileSync(pathOf(name), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"kind":"ambient"'));
    const readsNothing = name === 'Temporal' && !('Temporal' in globalThis);
    expect([name, kept.length > 0]).toEqual([name, !readsNothing]);
  }
});

it.each(names)('replays the same in the process that recorded it: %s', async (name) => {
  expect(await replayed(name)).toEqual(same);
});

it('replays the same with bodies that are cut elsewhere', async () => {
  const name = 'after a body, however it is cut';
  for (const cut of ['bytes', 2] as const) {
    const { report } = await replay(readingGraph(name, server.url), pathOf(name), { cut });
    expect([report.unrecordedReads, report.verdict, report.divergences]).toEqual(same);
  }
});

it('reads real clocks and real randomness live', async () => {
  const before = Date.now();
  const first = (await record('Date.now')) as { readonly found: number };
  expect(first.found).toBeGreaterThanOrEqual(before);
  expect(first.found).toBeLessThanOrEqual(Date.now());
  expect(await record('random UUIDs')).not.toEqual(await record('random UUIDs'));
});

it('replays the same in another process, elsewhere, on another day', () => {
  const main = join(root, 'test/support/replay-reading-main.ts');
  for (const zone of ['Asia/Kathmandu', 'America/Los_Angeles']) {
    const { stdout, stderr } = spawnSync(process.execPath, [main, folder, server.url], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, TZ: zone, LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', NODE_NO_WARNINGS: '1' },
    });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(Object.fromEntries(names.map((name) => [name, 'same'])));
  }
});

describe('the fake timers of a test', () => {
  const fakeTime = Date.parse('2031-01-01T00:00:00Z');
  const fake = (): void => void vi.useFakeTimers({ now: fakeTime, toFake: [...clocks] });

  it.each(names)('that are there before, or come after, do not reach the nodes of a replay: %s', async (name) => {
    fake();
    expect(await replayed(name)).toEqual(same);
    expect(Date.now()).toBe(fakeTime);
    vi.useRealTimers();
    expect(await replayed(name)).toEqual(same);
  });

  it('that come and leave while an engine is open are those of the test', async () => {
    await using engine = createEngine(readingGraph('Date.now', server.url));
    await engine.run({});
    fake();
    expect([Date.now(), new Date().getFullYear(), performance.now() < 1]).toEqual([fakeTime, 2031, true]);
    vi.advanceTimersByTime(5);
    expect([Date.now(), Math.floor(performance.now()), process.hrtime()[1]]).toEqual([fakeTime + 5, 5, 5_000_000]);
    // Live, a node reads what it would read without Reprise, and that is what is kept.
    const { found } = (await engine.run({}).orThrow()) as unknown as { readonly found: number };
    expect(found).toBe(fakeTime + 5);
    const replaying = replayed('Date.now');
    vi.useRealTimers();
    expect(await replaying).toEqual(same);
    expect(Math.abs(Date.now() - fakeTime)).toBeGreaterThan(1_000_000);
  });

  it('that leave after the last engine has closed leave the real clock', async () => {
    const { Date: before } = globalThis;
    const engine = createEngine(readingGraph('Date.now', server.url));
    await engine.run({});
    fake();
    await engine.close();
    expect(Date.now()).toBe(fakeTime);
    vi.useRealTimers();
    expect(Math.abs(Date.now() - fakeTime)).toBeGreaterThan(1_000_000);
    expect(new before(5)).toBeInstanceOf(Date);
  });
});

it('keeps no value of crypto in a fixture, and the run replays with those that stand there', async () => {
  const store = memoryStore();
  const engine = createEngine(readingGraph('in and around a fetch', server.url), { store, effects: [httpEffects()] });
  const run = await engine.run({}, { runId: 'secret' });
  const drawn: string[] = [];
  for await (const entry of store.read('secret'))
    if (entry.kind === 'ambient')
      for (const { source, values } of entry.observed.reads ?? [])
        if (source.startsWith('crypto.'))
          drawn.push(
            ...values.map((value) =>
              value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value),
            ),
          );
  const bytes: Uint8Array[] = [];
  for await (const part of exportRun(store, run.id)) bytes.push(part);
  await engine.close();
  const fixture = Buffer.concat(bytes).toString('utf8');
  expect(drawn).toHaveLength(3);
  for (const value of drawn) expect(fixture).not.toContain(value);
});
