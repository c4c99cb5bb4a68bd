import { resolve } from 'node:path';
import type { LoadedConfig } from './config.ts';

export const storeNameDefault = 'runs.db';

/** Where runs are kept: as the command says, else as the config says, else `runs.db` here. */
export function storePath(given: string | undefined, config: LoadedConfig, cwd: string): string {
  if (given !== undefined) return resolve(cwd, given);
  return config.store === undefined ? resolve(cwd, storeNameDefault) : resolve(config.folder, config.store);
}
