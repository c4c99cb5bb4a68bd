// Keeps large parts of runs in a folder.
import { mkdir, open, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { filledText } from '../../base/options/option-kind.ts';
import { checkArgument } from '../../base/options/option-shape.ts';
import { RepriseError } from '../../base/error.ts';
import type { PartStore } from '../../port/part-store.ts';

/**
 * Keeps large parts of runs as files in a folder, which all machines that use the store have to share. The folder is
 * made if it is not there. A file is written beside its place, flushed and renamed, so none is ever half there.
 *
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { folderParts, postgresStore } from 'reprise/postgres';
 *
 * const parts = folderParts(mkdtempSync(join(tmpdir(), 'parts-')));
 * const store = postgresStore('postgres://reprise@db.example/runs', { parts });
 * console.log(await parts.get('what-is/not/there')); // undefined
 * await store.close();
 * ```
 *
 * @throws RepriseError `option-invalid`
 */
export function folderParts(folder: string): PartStore {
  checkArgument('folderParts', 'folder', filledText, folder);
  const root = resolve(folder);
  const pathOf = (key: string): string => join(root, ...namesIn(key));
  return {
    async put(key, bytes) {
      const path = pathOf(key);
      const draft = draftOf(path);
      const given = Uint8Array.from(bytes);
      try {
        await made(draft, given);
        await rename(draft, path);
      } catch (thrown) {
        await rm(draft, { force: true });
        throw thrown;
      }
      await flushed(dirname(path));
    },
    get: (key) => readFile(pathOf(key)).catch(unlessAbsent),
    async delete(key) {
      const path = pathOf(key);
      for (const each of [path, draftOf(path)]) await rm(each, { force: true });
      // The folder of a run goes with its last part.
      await rmdir(dirname(path)).catch(() => undefined);
    },
  };
}

/**
 * A key is put by one process, and once at a time. If that process is killed meanwhile, its draft is found by the key and goes
 * with it: to look for drafts in the folder would take a long run as many looks at all of it as it has parts.
 */
function draftOf(path: string): string {
  return `${path}.tmp`;
}

/** A key never leads out of the folder. */
function namesIn(key: string): readonly string[] {
  const names = key.split('/');
  if (names.every((name) => /^[\w-]+$/.test(name))) return names;
  throw new RepriseError(
    'option-invalid',
    `the key ${JSON.stringify(key)} of a part is not made of letters, digits, "-" and "/"`,
    {
      nextStep: 'Use the keys that the store gives.',
      fields: { option: 'key' },
    },
  );
}

/** Somebody who deletes the last part of a run may take the folder away in between. */
async function made(path: string, bytes: Uint8Array, tries = 10): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await written(path, bytes);
  } catch (thrown) {
    if (tries === 0) throw thrown;
    unlessAbsent(thrown);
    await made(path, bytes, tries - 1);
  }
}

async function written(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** So that the name is there after a power cut, where a folder can be flushed. */
async function flushed(folder: string): Promise<void> {
  const opened = await open(folder, 'r').catch(() => undefined);
  try {
    await opened?.sync();
  } catch {
    // Not on Windows.
  } finally {
    await opened?.close();
  }
}

function unlessAbsent(thrown: unknown): undefined {
  if ((thrown as { readonly code?: unknown }).code === 'ENOENT') return undefined;
  throw thrown;
}
