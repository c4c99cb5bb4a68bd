// The project's config: `reprise.config.ts` (or .mts, .js, .mjs) in the working folder or the nearest folder above it.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { RepriseError } from '../base/error.ts';
import { checkConfig } from './config.ts';
import type { RepriseConfig } from './config.ts';
import { importModule } from './import-module.ts';

/**
 * What `loadConfig` returns: the settings of the project, and where they come from. Without a config file the settings
 * are empty.
 */
export interface LoadedConfig extends RepriseConfig {
  /** Paths in the config are relative to this folder. */
  readonly folder: string;
  /** Undefined if the project has no config. */
  readonly path: string | undefined;
}

const configNames = ['reprise.config.ts', 'reprise.config.mts', 'reprise.config.js', 'reprise.config.mjs'];

/**
 * Loads and checks `reprise.config.ts` (or `.mts`, `.js`, `.mjs`) of a folder, or of the nearest folder above it that has
 * one. Use it in tools that should work with the settings of the project, as the command line does.
 *
 * @throws RepriseError `config-invalid`, `module-unloadable`
 */
export async function loadConfig(cwd: string): Promise<LoadedConfig> {
  const path = findUpwards(cwd);
  if (path === undefined) return { folder: cwd, path };
  const loaded = await importModule(path);
  if (loaded.default === undefined) {
    throw new RepriseError('config-invalid', `${path} has no default export`, {
      nextStep: 'Write `export default defineConfig({ … })`.',
    });
  }
  return { ...checkConfig(exportedBy(loaded.default), path), folder: dirname(path), path };
}

/** A loader makes CommonJS of an ES module in a CommonJS package, whose default export then holds all exports. */
function exportedBy(config: unknown): unknown {
  const { __esModule: isModule, default: inner } = Object(config) as { __esModule?: unknown; default?: unknown };
  return isModule === true ? inner : config;
}

function findUpwards(from: string): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const found = configNames.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (found !== undefined || dirname(folder) === folder) return found;
  }
}
