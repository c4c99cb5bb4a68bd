// What is in the folder of a project that Reprise is set up in. It is only read: no module of it is imported.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { RepriseError } from '../../../src/index.ts';
import { nearestTsConfig } from '../../../src/config.ts';
import type { TsConfig } from '../../../src/config.ts';

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun';

/** A graph that a module of the project exports, as its text says. */
export interface FoundGraph {
  /** With slashes, relative to the folder of the project. */
  readonly path: string;
  readonly exported: string;
  readonly name: string;
  /** Whether Node takes its file for an ES module. */
  readonly isModule: boolean;
}

export interface FoundProject {
  readonly folder: string;
  readonly isModule: boolean;
  /** The name of the config that is there. */
  readonly config: string | undefined;
  /** Dependencies of every kind, by name. */
  readonly packages: ReadonlySet<string>;
  readonly packageManager: PackageManager;
  readonly hasLockFile: boolean;
  readonly tsConfig: TsConfig | undefined;
  readonly graphs: readonly FoundGraph[];
  /** The tests that use `reprise/vitest` already. */
  readonly tests: readonly string[];
  /** The configuration of a CI service other than GitHub's, or a workflow that replays already. */
  readonly otherCi: string | undefined;
}

interface Manifest {
  readonly type?: unknown;
  readonly packageManager?: unknown;
  readonly dependencies?: object;
  readonly devDependencies?: object;
  readonly optionalDependencies?: object;
}

/** @throws RepriseError `usage` without a package.json */
export function findProject(folder: string): FoundProject {
  const manifest = manifestOf(join(folder, 'package.json'));
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  const sources = sourcesIn(folder);
  const lockFile = lockFileOf(folder);
  const [named] = String(manifest.packageManager ?? '').split('@');
  return {
    folder,
    isModule: manifest.type === 'module',
    config: globSync('reprise.config.{ts,mts,js,mjs}', { cwd: folder })[0],
    packages: new Set(Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })),
    packageManager: managers.find((manager) => manager === named) ?? lockFile?.manager ?? 'npm',
    hasLockFile: lockFile !== undefined,
    tsConfig: nearestTsConfig(folder),
    graphs: sources.filter(({ path }) => !isTest(path)).flatMap(({ path, text }) => graphsIn(folder, path, text)),
    tests: sources.filter(({ path, text }) => isTest(path) && text.includes('reprise/vitest')).map(({ path }) => path),
    otherCi: otherCiOf(folder),
  };
}

function manifestOf(path: string): Manifest {
  if (!existsSync(path)) {
    throw new RepriseError('usage', `${path} does not exist`, {
      nextStep: 'Make one: npm init --yes && npm pkg set type=module',
    });
  }
  try {
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\ufeff/, '')) as Manifest;
  } catch (cause) {
    throw new RepriseError('usage', `${path} cannot be read: ${(cause as Error).message}`, {
      nextStep: 'Mend it.',
      cause,
    });
  }
}

const managers = ['npm', 'pnpm', 'yarn', 'bun'] as const;
const lockFiles: readonly (readonly [string, PackageManager])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
];

/** In a workspace it lies in a folder above. */
function lockFileOf(from: string): { readonly manager: PackageManager } | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const [, manager] = lockFiles.find(([name]) => existsSync(join(folder, name))) ?? [];
    if (manager !== undefined) return { manager };
    if (dirname(folder) === folder || existsSync(join(folder, '.git'))) return undefined;
  }
}

const skippedFolders = new Set(['node_modules', 'dist', 'build', 'out', 'coverage', '.git', '.next', 'vendor']);
const filesMax = 10_000;

interface Source {
  readonly path: string;
  readonly text: string;
}

/** The modules that mention Reprise, sorted. */
function sourcesIn(folder: string): readonly Source[] {
  const paths = globSync('**/*.{ts,mts,js,mjs}', { cwd: folder, exclude: (name) => skippedFolders.has(name) });
  return paths
    .sort()
    .slice(0, filesMax)
    .map((path) => ({ path: path.split(sep).join('/'), text: readFileSync(join(folder, path), 'utf8') }))
    .filter(({ text }) => /['"]reprise(?:\/vitest)?['"]/.test(text));
}

function isTest(path: string): boolean {
  return /\.(?:test|spec)\.[cm]?[jt]s$|(?:^|\/)__tests__\//.test(path);
}

function graphsIn(folder: string, path: string, text: string): readonly FoundGraph[] {
  const isModule = isModuleFile(folder, path);
  return [
    ...text.matchAll(/^export const (\w+)(?:: [^=]+)?\s*=\s*(?:graph|fromFunction)\(\s*(['"`])([^'"`]+)\2/gm),
  ].map(([, exported = '', , name = '']) => ({ path, exported, name, isModule }));
}

/** By its extension, or by the nearest package.json: in a workspace, that of its package. */
function isModuleFile(folder: string, path: string): boolean {
  if (/\.m[jt]s$/.test(path)) return true;
  let nearest = dirname(join(folder, path));
  while (nearest !== folder && !existsSync(join(nearest, 'package.json'))) nearest = dirname(nearest);
  return manifestOf(join(nearest, 'package.json')).type === 'module';
}

const otherServices = [
  '.gitlab-ci.yml',
  '.circleci/config.yml',
  'azure-pipelines.yml',
  'bitbucket-pipelines.yml',
  'Jenkinsfile',
  '.buildkite/pipeline.yml',
  '.drone.yml',
];

function otherCiOf(folder: string): string | undefined {
  const workflows = globSync('.github/workflows/*.{yml,yaml}', { cwd: folder });
  return [
    ...otherServices.filter((path) => existsSync(join(folder, path))),
    ...workflows.filter((path) => readFileSync(join(folder, path), 'utf8').includes('reprise')),
  ][0];
}
