// Processes that tests start share what Node has compiled: to strip and compile the sources takes most of the time of those
// that live for a second. Workers of Vitest are such processes, too.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const doors = ['index.ts', 'store/sqlite/index.ts', 'live/http/index.ts', 'record/index.ts', 'replay/index.ts'];

/** Absolute: some processes work in folders of their own. */
const loader = pathToFileURL(join(import.meta.dirname, '../../node_modules/tsx/dist/loader.mjs')).href;

let folder: string;
let filling: ChildProcess;

export function setup(): void {
  // Node 22 strips types, and does not know `using`.
  if (Number.parseInt(process.versions.node, 10) < 24)
    process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --import ${loader}`;
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
