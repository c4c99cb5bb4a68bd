// Loaders of the user, such as tsx: started in this process, they compile the modules that are imported later.
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RepriseError, messageOf } from '../base/error.ts';
import { exemptLoaders } from '../live/seal/loaders.ts';

/**
 * Does what `node --import` does with each of these packages or paths, found from a folder. What they start to compile
 * modules is no try to reach anything, for a sealed process either.
 *
 * @throws RepriseError `module-unloadable`
 */
export async function startLoaders(specifiers: readonly string[], folder: string): Promise<void> {
  exemptLoaders(specifiers);
  for (const specifier of specifiers) {
    try {
      await importFrom(folder, specifier);
    } catch (thrown) {
      throw loaderFault(specifier, folder, thrown);
    }
  }
}

/** An import as a module in that folder would make it: the folder's packages, by the conditions of `import`. */
async function importFrom(folder: string, specifier: string): Promise<void> {
  const parentURL = pathToFileURL(join(folder, 'loader')).href;
  let isFirst = true;
  const hooks = registerHooks({
    resolve(asked, context, next) {
      const isAsked = isFirst && asked === specifier;
      if (isAsked) isFirst = false;
      return next(asked, isAsked ? { ...context, parentURL } : context);
    },
  });
  try {
    await import(specifier);
  } finally {
    hooks.deregister();
  }
}

function loaderFault(specifier: string, folder: string, thrown: unknown): RepriseError {
  const isMissing = (thrown as { code?: unknown } | null)?.code === 'ERR_MODULE_NOT_FOUND';
  const isPackage = !/^[./]/.test(specifier);
  return new RepriseError(
    'module-unloadable',
    `cannot start the loader "${specifier}" from ${folder}: ${isMissing ? 'it is not there' : messageOf(thrown)}`,
    {
      nextStep:
        isMissing && isPackage ? `npm install --save-dev ${specifier}` : 'Check `import` of the config and --import.',
      cause: thrown,
      fields: { loader: specifier },
    },
  );
}
