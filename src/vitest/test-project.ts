// The project that the tests belong to, as the command line sees it: the config of the working folder, or of the nearest
// folder above it.
import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { installPlaceholders } from '../live/placeholders.ts';
import { loadConfig } from '../project/load-config.ts';
import type { LoadedConfig } from '../project/load-config.ts';

const workingFolder = process.cwd();

/** It is loaded before the tests' own modules are, since one may make its client while it is imported. */
export const config: LoadedConfig = await loadConfig(workingFolder);
installPlaceholders(config.env);

/** A path of a test: relative to the working folder, or to that of the config if nothing is there. */
export function fixturePath(path: string): string {
  const here = resolve(workingFolder, path);
  const beside = resolve(config.folder, path);
  return existsSync(here) || !existsSync(beside) ? here : beside;
}

/** A path as it is printed: relative to the working folder if it is inside it. */
export function shorten(path: string): string {
  const short = relative(workingFolder, path);
  return short === '' || short.startsWith('..') ? path : short;
}

/** The folders that a glob of a test may be relative to, the nearest first. */
export const folders: readonly string[] = [...new Set([workingFolder, config.folder])];
