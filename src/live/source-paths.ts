// Names the files in stacks relative to the project, so that a journal says nothing about the machine.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourcePaths } from '../port/source-paths.ts';

const namesMax = 1_000;
const names = new Map<string, string>();
/** The folder that names are relative to while it is the working folder. */
let project: { readonly cwd: string; readonly folder: string | undefined } | undefined;

export const liveSourcePaths: SourcePaths = {
  nameOf(file) {
    const { cwd, folder } = currentProject();
    const key = `${cwd}\n${file}`;
    let name = names.get(key);
    if (name === undefined) {
      name = nameIn(folder, pathOf(file));
      if (names.size === namesMax) names.clear();
      names.set(key, name);
    }
    return name;
  },
  isOwn: (file) => ownFolder !== undefined && isIn(ownFolder, pathOf(file)),
};

/** The folder of Reprise: all of its source, or what it was built to. A bundle for CommonJS does not say. */
const ownFolder = folderOf(import.meta.url as string | undefined);

function folderOf(url: string | undefined): string | undefined {
  if (url?.startsWith('file:') !== true) return undefined;
  return fileURLToPath(new URL(url.endsWith('/src/live/source-paths.ts') ? '..' : '.', url));
}

function isIn(folder: string, path: string): boolean {
  if (path.startsWith(folder)) return true;
  copyFolders ??= foldersOfCopies(folder);
  return copyFolders.some((other) => path.startsWith(other));
}

/**
 * A process may hold Reprise twice, as it is written and as it was built: a test runner loads the one, and what it starts
 * in its process the other.
 */
let copyFolders: readonly string[] | undefined;

/** What a bundle was made of is not ours. */
function foldersOfCopies(folder: string): readonly string[] {
  const root = packageAbove(folder);
  return root !== undefined && nameOfPackage(root) === 'reprise' ? [join(root, 'src/'), join(root, 'dist/')] : [];
}

function nameOfPackage(root: string): unknown {
  try {
    return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly name?: unknown }).name;
  } catch {
    return undefined;
  }
}

function currentProject(): { readonly cwd: string; readonly folder: string | undefined } {
  const cwd = workingFolder();
  if (project?.cwd !== cwd) project = { cwd, folder: packageAbove(cwd) ?? (dirname(cwd) === cwd ? undefined : cwd) };
  return project;
}

function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    // It was deleted.
    return '/';
  }
}

/** Loaders add a query to the address of a module in order to load it again. */
function pathOf(file: string): string {
  const bare = file.replace(/\?.*$/s, '');
  try {
    return bare.startsWith('file:') ? fileURLToPath(bare) : bare;
  } catch {
    return bare.replace(/^file:\/\/+/, '/');
  }
}

function nameIn(folder: string | undefined, path: string): string {
  const dependency = Math.max(path.lastIndexOf('/node_modules/'), path.lastIndexOf('\\node_modules\\'));
  if (dependency >= 0) return withSlashes(path.slice(dependency + 1));
  return (
    below(folder, path) ?? below(packageAbove(dirname(path)), path) ?? (basename(path) === '' ? 'file' : basename(path))
  );
}

function below(folder: string | undefined, path: string): string | undefined {
  if (folder === undefined) return undefined;
  const name = relative(folder, path);
  return name === '' || name.startsWith('..') || isAbsolute(name) ? undefined : withSlashes(name);
}

function packageAbove(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) return at;
    if (dirname(at) === at) return undefined;
  }
}

function withSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}
