import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { RepriseError } from '../../../src/index.ts';
import type { LoadedConfig } from '../../../src/config.ts';
import { isServerAddress } from '../../terminal/words/server-address.ts';

const storeDefault = 'runs.db';

/**
 * The store's file, or the address of its server: the one given, else the one in the config, else `runs.db` in the working
 * folder.
 *
 * @throws RepriseError `store-unreadable` if a folder is there
 */
export function storePath(given: string | undefined, config: LoadedConfig, cwd: string): string {
  const server = given ?? config.store;
  if (server !== undefined && isServerAddress(server)) return server;
  const path =
    given === undefined && config.store !== undefined
      ? resolve(config.folder, config.store)
      : resolve(cwd, given ?? storeDefault);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return path;
  throw new RepriseError('store-unreadable', `the store ${path} is a folder`, {
    nextStep: 'Give the path of a file, such as runs.db.',
    fields: { path },
  });
}
