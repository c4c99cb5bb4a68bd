// Processes that tests start share what Node has compiled: to strip and compile the sources takes most of the time of those
// that live for a second. Workers of Vitest are such processes, too.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const doors = ['index.ts', 'store/sqlite/index.ts', 'live/http/index.ts', 'record/index.ts', 'replay/index.ts'];

let folder: string;
let filling: ChildProcess;

export function setup(): void {
  folder = mkdtempSync(join(tmpdir(), 'reprise-compiled-'));
  process.env.NODE_COMPILE_CACHE = folder;
  // A process that is killed leaves nothing behind, so one that lives fills the cache.
  const imports = doors.map((door) => `import ${JSON.stringify(join(import.meta.dirname, '../../src', door))};`);
  filling = spawn(process.execPath, ['--input-type=module', '--eval', imports.join('\n')], { stdio: 'ignore' });
}

export async function teardown(): Promise<void> {
  if (filling.exitCode === null) await once(filling, 'exit');
  // Workers that end meanwhile may still write to it.
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
