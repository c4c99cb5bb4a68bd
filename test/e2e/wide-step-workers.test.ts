// A wide step that two workers may take from each other: taking it over must not cost more than a lease lasts, or
// neither would ever finish it.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { sqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { temporaryFolder } from '../support/folder.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const count = isLong ? 20_000 : 4_000;

/** The first line that the process writes. */
async function firstLine(...given: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ['test/support/wide-step-main.ts', ...given, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) return line;
  return 'nothing';
}

it(`two workers with a lease of 2 s finish a step of ${count} inner runs`, async () => {
  const path = join(temporaryFolder(), 'runs.db');
  expect(await firstLine('begin', path)).toBe('begun');
  const store = sqliteStore(path);
  onTestFinished(() => store.close());
  const before = await store.find('wide');
  expect(before).toMatchObject({ status: 'interrupted', step: 1 });
  expect(before?.entryCount).toBeGreaterThanOrEqual(4 * count);
  const ended = await Promise.race([firstLine('work', path), firstLine('work', path)]);
  expect(ended).toBe(`done ${count}`);
  // The rest of the journal alone was written: what had ended was not done again.
  const after = await store.find('wide');
  expect(after?.entryCount).toBeLessThan((before?.entryCount ?? 0) + 20);
});
