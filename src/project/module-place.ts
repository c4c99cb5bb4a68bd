// Where in which file an error was thrown, as Node's own texts say it.
import { fileURLToPath } from 'node:url';

export interface SyntaxPlace {
  readonly file: string;
  readonly line: string;
  /** The line as it is in the file. */
  readonly source: string;
}

/** Node writes the file and line that it could not parse in front of the stack, as a path in a CommonJS project. */
export function syntaxPlace(stack: string): SyntaxPlace | undefined {
  const [first = '', source = ''] = stack.split('\n');
  const [, file, line] = /^(file:\/\/\S+|\/.+|[A-Z]:\\.+):(\d+)$/.exec(first) ?? [];
  return file === undefined || line === undefined ? undefined : { file: pathOf(file), line, source };
}

/** As the beginning of a message; empty if it is not known. */
export function placeOfSyntax(stack: string): string {
  const place = syntaxPlace(stack);
  return place === undefined ? '' : `${place.file}:${place.line}: `;
}

export function pathOf(file: string): string {
  if (!file.startsWith('file:')) return file;
  // Copies of a module have a query of their own.
  const url = new URL(file);
  url.search = '';
  return fileURLToPath(url);
}
