import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { RepriseError } from '../../src/index.ts';
import { moduleFault } from './module-fault.ts';

/**
 * Imports a module of the user.
 *
 * @throws RepriseError `module-unloadable`, or the coded error that the module itself caused, such as `graph-invalid`
 */
export async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(path)) {
    throw new RepriseError('module-unloadable', `the module ${path} does not exist`, {
      nextStep: 'Check the path. Paths are relative to the working folder.',
    });
  }
  try {
    return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (thrown) {
    throw moduleFault(path, thrown);
  }
}
