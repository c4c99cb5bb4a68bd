// Where the graph of a test is, as the command line has to name it: without a config, nothing else knows it.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const imports = /(?:from|import|import\(|require\()\s*(['"])(\.{1,2}\/[^'"]+)\1/g;
const endings: readonly string[] = ['', '.ts', '.mts', '.js', '.mjs', '/index.ts', '/index.js'];

/** The module among those that a test imports which makes a graph of this name; undefined unless there is just one. */
export function graphModule(testPath: string, graphName: string): string | undefined {
  const makes = new RegExp(`\\bgraph\\(\\s*(['"\`])${graphName.replace(/[^\w]/g, '\\$&')}\\1`);
  const found = [testPath, ...importedBy(testPath)].filter((path) => makes.test(textOf(path)));
  const [only, ...others] = new Set(found);
  return others.length === 0 && only !== testPath ? only : undefined;
}

function importedBy(path: string): readonly string[] {
  return [...textOf(path).matchAll(imports)].flatMap(([, , name = '']) => {
    const place = resolve(dirname(path), name);
    const places = endings.map((ending) => place + ending);
    // A module is named by what it is compiled to.
    const source = place.replace(/\.([cm]?)js$/, '.$1ts');
    return [...places, source].find((one) => /\.[cm]?[jt]s$/.test(one) && existsSync(one)) ?? [];
  });
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
