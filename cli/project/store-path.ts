import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { RepriseError } from '../../src/index.ts';
import type { LoadedConfig } from './config.ts';

export const storeNameDefault = 'runs.db';

/**
 * Where runs are kept: as the command says, else as the config says, else `runs.db` here.
 *
 * @throws RepriseError `store-unreadable`
 */
export function storePath(given: string | undefined, config: LoadedConfig, cwd: string): string {
  const path =
    given !== undefined
      ? resolve(cwd, given)
      : config.store === undefined
        ? resolve(cwd, storeNameDefault)
        : resolve(config.folder, config.store);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return path;
  throw new RepriseError('store-unreadable', `the store ${path} is a folder`, {
    nextStep: 'Give the path of a file, such as runs.db.',
    fields: { path },
  });
}
