// Fresh copies of the user's modules: their variables are as in a process that has just started.
//
// A copy is an import under an address of its own, `nodes.ts?reprise-copy=3`, which every module of the user that it
// imports inherits. Packages and Reprise itself are shared by all copies. Node never lets go of a module, so a copy costs
// its memory for as long as the process lives.
import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { isUserScript } from '../watch/user-script.ts';

const copyParameter = 'reprise-copy';

/** The CommonJS modules of the process. */
const { cache } = createRequire(import.meta.url);

/** Of all copies of the process: two of the same number would be the same modules. */
let copyCount = 0;

/**
 * Imports copies of the user's modules, so that each run of an exploration has variables of its own. It works where Node
 * itself loads modules; a test runner that loads them in its own way shares them all the same.
 */
export class FreshModules implements Disposable {
  readonly #hooks = registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      const copy = copyOf(context.parentURL);
      return copy === undefined || !isCopied(resolved.url)
        ? resolved
        : { ...resolved, url: addressOf(resolved.url, copy) };
    },
  });
  /** Imports a module, and every module of the user that it needs, as if for the first time. */
  async load(url: string): Promise<Readonly<Record<string, unknown>>> {
    copyCount += 1;
    this.#forgetRequired();
    return (await import(addressOf(url, String(copyCount)))) as Readonly<Record<string, unknown>>;
  }

  /** Node finds a CommonJS module by its file alone, whatever the address of its copy. */
  #forgetRequired(): void {
    for (const path of Object.keys(cache)) {
      if (isUserScript(pathToFileURL(path).href)) delete cache[path];
    }
  }

  /** Modules that are imported later are shared again. */
  [Symbol.dispose](): void {
    this.#hooks.deregister();
  }
}

function isCopied(url: string): boolean {
  return url.startsWith('file:') && isUserScript(url);
}

function copyOf(url: string | undefined): string | undefined {
  return url === undefined || !URL.canParse(url)
    ? undefined
    : (new URL(url).searchParams.get(copyParameter) ?? undefined);
}

function addressOf(url: string, copy: string): string {
  const address = new URL(url);
  address.searchParams.set(copyParameter, copy);
  return address.href;
}
