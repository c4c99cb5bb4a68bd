// What the tsconfig of a folder says, as far as Reprise has to know it. It is read without a compiler.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * What `nearestTsConfig` read from a `tsconfig.json` or `jsconfig.json`, merged with the files that it extends by a
 * relative path. `compilerOptions` are unchecked.
 */
export interface TsConfig {
  readonly file: string;
  readonly include?: readonly string[];
  readonly compilerOptions: Readonly<Record<string, unknown>>;
}

export interface PathsPattern {
  /** The tsconfig that has it. */
  readonly file: string;
  readonly pattern: string;
}

/** The tsconfig of a folder or of the nearest folder above it, with what it extends by relative paths. */
export function nearestTsConfig(from: string): TsConfig | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = ['tsconfig.json', 'jsconfig.json'].map((one) => join(folder, one)).find((one) => existsSync(one));
    if (file !== undefined) return readTsConfig(file, extendsMax);
    if (dirname(folder) === folder) return undefined;
  }
}

/** The pattern in `paths` that a package of this name may have been written for, seen from a folder. */
export function pathsPattern(name: string, from: string): PathsPattern | undefined {
  const { file, compilerOptions: { paths } = {} } = nearestTsConfig(from) ?? {};
  if (file === undefined || typeof paths !== 'object' || paths === null) return undefined;
  const pattern = Object.keys(paths).find(
    (one) => one === name || `${name}/`.startsWith(beforeStar(one)) || beforeStar(one).startsWith(`${name}/`),
  );
  return pattern === undefined ? undefined : { file, pattern };
}

/** A pattern without a star matches itself alone. */
function beforeStar(pattern: string): string {
  const star = pattern.indexOf('*');
  return star > 0 ? pattern.slice(0, star) : `${pattern}\0`;
}

const extendsMax = 8;

function readTsConfig(file: string, left: number): TsConfig {
  const own = parsed(file);
  const bases = left === 0 ? [] : [own.extends ?? []].flat();
  const read = bases
    .filter((base) => typeof base === 'string' && base.startsWith('.'))
    .map((base) => resolve(dirname(file), base as string))
    .map((path) => readTsConfig(existsSync(path) ? path : `${path}.json`, left - 1));
  const include = own.include ?? read.findLast((base) => base.include !== undefined)?.include;
  return {
    file,
    ...(Array.isArray(include) ? { include: include.map(String) } : {}),
    compilerOptions: Object.assign({}, ...read.map((base) => base.compilerOptions), own.compilerOptions),
  };
}

interface Written {
  readonly extends?: unknown;
  readonly include?: unknown;
  readonly compilerOptions?: object;
}

/** JSON with comments and trailing commas. What cannot be read says nothing. */
function parsed(file: string): Written {
  try {
    const text = readFileSync(file, 'utf8').replaceAll(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '$1');
    return JSON.parse(text.replaceAll(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, '$1')) as Written;
  } catch {
    return {};
  }
}
