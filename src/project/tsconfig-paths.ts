// What `paths` of the nearest tsconfig says about a name, only to tell why Node cannot find it.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface PathsPattern {
  /** The tsconfig that has it. */
  readonly file: string;
  readonly pattern: string;
}

/** The pattern that a package of this name may have been written for, seen from a folder. */
export function pathsPattern(name: string, from: string): PathsPattern | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    for (const file of ['tsconfig.json', 'jsconfig.json'].map((one) => join(folder, one))) {
      if (existsSync(file)) return patternIn(file, name, extendsMax);
    }
    if (dirname(folder) === folder) return undefined;
  }
}

const extendsMax = 8;

function patternIn(file: string, name: string, left: number): PathsPattern | undefined {
  const config = configIn(file);
  const paths = config?.compilerOptions?.paths;
  if (typeof paths === 'object' && paths !== null) {
    const pattern = Object.keys(paths).find(
      (one) => one === name || `${name}/`.startsWith(beforeStar(one)) || beforeStar(one).startsWith(`${name}/`),
    );
    return pattern === undefined ? undefined : { file, pattern };
  }
  if (left === 0) return undefined;
  for (const base of [config?.extends ?? []].flat()) {
    if (typeof base !== 'string' || !base.startsWith('.')) continue;
    const path = resolve(dirname(file), base);
    const found = patternIn(existsSync(path) ? path : `${path}.json`, name, left - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A pattern without a star matches itself alone. */
function beforeStar(pattern: string): string {
  const star = pattern.indexOf('*');
  return star > 0 ? pattern.slice(0, star) : `${pattern}\0`;
}

interface TsConfig {
  readonly extends?: unknown;
  readonly compilerOptions?: { readonly paths?: unknown };
}

/** JSON with comments and trailing commas. What cannot be read says nothing. */
function configIn(file: string): TsConfig | undefined {
  try {
    const text = readFileSync(file, 'utf8').replaceAll(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '$1');
    return JSON.parse(text.replaceAll(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, '$1')) as TsConfig;
  } catch {
    return undefined;
  }
}
