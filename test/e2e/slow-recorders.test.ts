// A recorder that hangs, throws or is far slower than the runs neither fails nor slows a run, and takes no memory.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { createEngine, fields, graph } from '../../src/index.ts';
import type { RecordingCounts, RecordOptions } from '../../src/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { temporaryFolder } from '../support/folder.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
/** The bodies of all runs are larger than the heap. */
const flags = ['--max-old-space-size=48', '--max-semi-space-size=4'];
const counts = { hangs: isLong ? 1_500 : 180, throws: 300, slow: isLong ? 300 : 8 };
const waitingMax = 1_000;
/** Each run waits for the disk, which others use as well. */
const timeout = isLong ? 480_000 : 240_000;

interface Result {
  readonly ended: Readonly<Record<string, number>>;
  readonly told: number;
  readonly counts: RecordingCounts;
  readonly closeMs: number;
}

async function inProcess(how: keyof typeof counts, toldMin: number): Promise<Result & { readonly path: string }> {
  const path = join(temporaryFolder(), 'runs.db');
  const given = ['test/support/recording-process-main.ts', path, how, String(counts[how]), String(toldMin)];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, ...given]);
  return { ...(JSON.parse(stdout) as Result), path };
}

it('a target that hangs', { timeout }, async () => {
  const lost = Math.max(0, counts.hangs - waitingMax);
  const { ended, told, counts: counted, closeMs, path } = await inProcess('hangs', lost);
  expect(ended).toEqual({ failed: counts.hangs });
  expect(counted).toEqual({ recorded: 0, skipped: 0, lost, failedTries: 0 });
  expect(told).toBe(lost);
  // It waits for `graceMs`, and no longer than a slow machine takes for that.
  expect(closeMs).toBeLessThan(10_000);
  const store = sqliteStore(path, { mode: 'read' });
  const [newest] = await store.list({ limit: 1 });
  if (lost > 0) expect(newest?.recording).toBe('not-recorded: too many were waiting');
  await store.close();
});

it('what a killed process left is recorded by the next one that works the store', async () => {
  const path = join(temporaryFolder(), 'runs.db');
  const killed = execFile(process.execPath, ['test/support/recording-process-main.ts', path, 'dies', '3']);
  const [, signal] = (await once(killed, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  // A recorder that was quick has kept some of them before the death.
  const kept = existsSync(`${path}.names`) ? readFileSync(`${path}.names`, 'utf8').trim().split('\n') : [];
  const names = new Set(kept);
  const to: RecordOptions['to'] = async ({ name, stream }) => {
    await new Response(stream).arrayBuffer();
    names.add(name);
  };
  const idle = graph('failing', { state: fields({}) })
    .node('fail', () => undefined)
    .start('fail')
    .build();
  // What it had set about to write is nobody else's for two minutes.
  const now = (): number => Date.now() + 125_000;
  const engines = [1, 2].map(() =>
    createEngine(idle, { store: sqliteStore(path, { now }), record: { to }, graceMs: 30_000 }),
  );
  for (const engine of engines) await engine.work({ isOnce: true }).done;
  for (const engine of engines) await engine.close();
  expect([...names].sort()).toEqual([0, 1, 2].map((number) => `failing/run-${number}.run.jsonl`));
});

// In CI the unit tests have to do for one that throws.
it.each(isLong ? (['throws', 'slow'] as const) : (['slow'] as const))(
  'a target that is %s',
  { timeout },
  async (how) => {
    const { ended, told, counts: counted } = await inProcess(how, 4);
    expect(ended).toEqual({ failed: counts[how] });
    expect(counted.lost).toBe(0);
    expect(told).toBe(counted.recorded + counted.failedTries);
    expect(told).toBeGreaterThan(3);
  },
);
