// Finds the decorator that Node could not parse. It leaves decorators where they are, and its error for them says neither
// the file nor the line, so the sources are searched: the module itself first, then what it imports by relative paths.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const filesMax = 1_000;
const decorator = /(?<![\w$.@*/])@[A-Za-z_$]/;
/** What may hold an `@` that is no decorator: comments and literals. */
const notCode = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g;
const relativeImport = /(?:\bfrom|\bimport)\s*\(?\s*["'](\.\.?\/[^"']+)["']/g;

export interface DecoratorPlace {
  readonly file: string;
  readonly line: number;
}

export function findDecorator(path: string): DecoratorPlace | undefined {
  const files = new Set([path]);
  for (const file of files) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const line = lineOfDecorator(text);
    if (line !== undefined) return { file, line };
    for (const [, target = ''] of text.matchAll(relativeImport)) {
      if (files.size < filesMax) files.add(resolve(dirname(file), target));
    }
  }
  return undefined;
}

function lineOfDecorator(text: string): number | undefined {
  const code = text.replaceAll(notCode, (found) => found.replaceAll(/[^\n]/g, ' '));
  const found = decorator.exec(code);
  return found === null ? undefined : code.slice(0, found.index).split('\n').length;
}
