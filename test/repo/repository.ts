// The files of the repository, as a reader of it sees them: without what is installed, built or left over by a run.
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

const leftOut = ['.git', 'node_modules', 'dist', 'coverage'];
const textFile = /\.(?:[cm]?[jt]sx?|json|jsonl|md|ya?ml|html|css|sh|txt)$|(?:^|\/)(?:\.[a-z]+|LICENSE|run)$/;

/** Every text file, its path relative to the root with slashes, in the order of code units. */
export function textFiles(): readonly string[] {
  return ['*', '.*', '*/**', '.*/**']
    .flatMap((pattern) =>
      globSync(pattern, { cwd: root, withFileTypes: true, exclude: (entry) => leftOut.includes(entry.name) }),
    )
    .filter((entry) => entry.isFile() && !leftOut.includes(entry.name))
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length).replaceAll('\\', '/'))
    .filter((path, index, all) => textFile.test(path) && all.indexOf(path) === index)
    .sort();
}

export function textOf(path: string): string {
  return readFileSync(`${root}${path}`, 'utf8');
}

export function jsonOf(path: string): unknown {
  return JSON.parse(textOf(path));
}

/** The files of the product: what is built, and so what the strictest rules are for. */
export function isProduct(path: string): boolean {
  return /^(?:src|cli)\/.*\.ts$/.test(path);
}
