import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { RepriseError } from '../base/error.ts';
import { moduleFault } from './module-fault.ts';

/** How a module is imported: as usual, or as if for the first time. */
export type Import = (url: string) => Promise<Readonly<Record<string, unknown>>>;

export const importAsUsual: Import = (url) => import(url);

/**
 * Imports a module of the user.
 *
 * @throws RepriseError `module-unloadable`, or the coded error that the module itself caused, such as `graph-invalid`
 */
export async function importModule(path: string, load = importAsUsual): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(path)) {
    throw new RepriseError('module-unloadable', `the module ${path} does not exist`, {
      nextStep: 'Check the path. Paths are relative to the working folder.',
    });
  }
  try {
    return await load(pathToFileURL(path).href);
  } catch (thrown) {
    throw moduleFault(path, thrown);
  }
}
