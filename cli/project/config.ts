// The project's config: `reprise.config.ts` (or .mts, .js, .mjs), found upwards from the working folder.
import { existsSync, globSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RepriseError } from '../../src/index.ts';
import type { RepriseConfig } from '../../src/config.ts';
import { checkConfig } from '../../src/config.ts';
import { moduleFault } from './module-fault.ts';

export interface LoadedConfig extends RepriseConfig {
  /** The folder that paths in it are relative to. */
  readonly folder: string;
  readonly path: string | undefined;
}

export const fixturesDefault = 'fixtures/**/*.run.jsonl';

const configNames = ['reprise.config.ts', 'reprise.config.mts', 'reprise.config.js', 'reprise.config.mjs'];

/** @throws RepriseError `config-invalid`, `module-unloadable` */
export async function loadConfig(cwd: string): Promise<LoadedConfig> {
  const path = findUpwards(cwd);
  if (path === undefined) return { folder: cwd, path };
  const loaded = await importModule(path);
  if (loaded.default === undefined) {
    throw new RepriseError('config-invalid', `${path} has no default export`, {
      nextStep: 'Write `export default defineConfig({ … })`.',
    });
  }
  return { ...checkConfig(loaded.default, path), folder: dirname(path), path };
}

function findUpwards(from: string): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const found = configNames.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (found !== undefined || dirname(folder) === folder) return found;
  }
}

/** @throws RepriseError `module-unloadable`, and the coded error of a module that makes what is not valid */
export async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(path)) {
    throw new RepriseError('module-unloadable', `there is no module ${path}`, {
      nextStep: 'Check the path; it is taken from the working folder.',
    });
  }
  try {
    return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (thrown) {
    throw moduleFault(path, thrown);
  }
}

/** The files that patterns name, in the order of their paths. A pattern without a match names nothing. */
export function filesOf(patterns: string | readonly string[], folder: string): readonly string[] {
  const found = new Set<string>();
  for (const pattern of typeof patterns === 'string' ? [patterns] : patterns) {
    for (const path of globSync(pattern, { cwd: folder })) found.add(resolve(folder, path));
  }
  return [...found].sort();
}

export function shortPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') ? path : short;
}
