// What the text of a file says of its variables: on which line one is declared, and whether it stands for what a package
// exports. What a package puts off until it is first used, such as the tables of a validator, is written there, and carries no
// order into a result.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isBuiltin } from 'node:module';
import type { VariableName } from './variable.ts';

const imports = /\bimport\s+(?!type\b)([^'"`;]+?)\s+from\s*['"]([^'"]+)['"]/g;
const requires = /\b(?:const|let|var)\s+([^=;]+?)\s*=\s*require\(\s*['"]([^'"]+)['"]\s*\)/g;

export function isOfPackage({ name, file }: Pick<VariableName, 'name' | 'file'>): boolean {
  const [first = name] = name.split(/[.[]/);
  return isNamedByImport(first, textOf(file));
}

/** Whether it holds what a function or a class of a package has made, such as a client, a queue or a limiter. */
export function isMadeByPackage({ name, file }: Pick<VariableName, 'name' | 'file'>): boolean {
  if (!/^[\w$]+$/.test(name)) return false;
  const text = textOf(file);
  const given = new RegExp(
    String.raw`(?<![\w$.])${name.replaceAll('$', '[$]')}\s*(?::[^=;]+)?(?:\?\?|\|\|)?=\s*(?:await\s+)?(?:new\s+)?([\w$]+)\s*[.(<]`,
    'g',
  );
  return [...text.matchAll(given)].some(([, maker = '']) => isNamedByImport(maker, text));
}

/** Whether the file imports the name from a package. */
function isNamedByImport(name: string, text: string): boolean {
  const named = new RegExp(String.raw`(?:^|[\s{,:])${name.replaceAll('$', '[$]')}\s*(?:[},]|$)`);
  return [imports, requires].some((pattern) =>
    [...text.matchAll(pattern)].some(
      ([, names = '', module = '']) => isPackage(module) && named.test(names.replaceAll(/\s+as\s+/g, ': ')),
    ),
  );
}

/** From 1 on. Undefined where the file declares no such name, or several. */
export function lineOf({ name, file }: VariableName): number | undefined {
  if (file === '' || !/^[\w$]+$/.test(name)) return undefined;
  const declared = new RegExp(
    String.raw`^[ \t]*(?:export\s+)?(?:default\s+)?(?:const|let|var|class|(?:async\s+)?function\*?)\s+${name.replaceAll('$', '[$]')}(?![\w$])`,
    'gm',
  );
  const text = textOf(file);
  const [only, ...others] = [...text.matchAll(declared)];
  if (only === undefined || others.length > 0) return undefined;
  return text.slice(0, only.index + only[0].length).split('\n').length;
}

function isPackage(module: string): boolean {
  return /^(?:@|[a-z\d])/i.test(module) && !/^[a-z]:[\\/]/i.test(module) && !isBuiltin(module);
}

function textOf(file: string): string {
  try {
    return readFileSync(file.startsWith('file:') ? fileURLToPath(file) : file, 'utf8');
  } catch {
    // Made by `eval`, or gone.
    return '';
  }
}
