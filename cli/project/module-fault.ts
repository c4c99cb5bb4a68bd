// Why a module of the user cannot be loaded, and what to do about it.
import { fileURLToPath } from 'node:url';
import { RepriseError } from '../../src/index.ts';

interface Fault {
  readonly what: string;
  readonly nextStep: string;
}

/**
 * The coded error for what an import threw. An error of Reprise, such as an invalid graph, keeps its code, also as the cause
 * of another: `fetch` wraps the refusal of a request.
 */
export function moduleFault(path: string, thrown: unknown): RepriseError {
  const coded = codedCause(thrown);
  if (coded !== undefined) return withPath(coded, path);
  const { what, nextStep } = faultOf(thrown);
  return new RepriseError('module-unloadable', `cannot load the module ${path}: ${what}`, {
    nextStep,
    cause: thrown,
    fields: { path },
  });
}

function codedCause(thrown: unknown): RepriseError | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) if (error instanceof RepriseError) return error;
  return undefined;
}

/** A config may list many modules, so the message has to say which one it was. */
function withPath(error: RepriseError, path: string): RepriseError {
  if (error.message.includes(path)) return error;
  const { code, message, nextStep, fields } = error;
  return new RepriseError(code, `${message} (thrown while importing ${path})`, { nextStep, fields, cause: error });
}

function faultOf(thrown: unknown): Fault {
  if (!(thrown instanceof Error)) return { what: `it threw ${String(thrown)}`, nextStep: 'Throw an Error instead.' };
  const { message, stack = '' } = thrown;
  const code: unknown = (thrown as { code?: unknown }).code;
  switch (code) {
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return {
        what: `${placeOfSyntax(stack)}${message}`,
        nextStep:
          'Remove enums, namespaces, parameter properties and decorators, which Node cannot strip, or use a loader: NODE_OPTIONS="--import tsx" npx reprise …',
      };
    case 'ERR_MODULE_NOT_FOUND':
      return { what: message, nextStep: missingStep(message) };
    default:
      return thrown instanceof SyntaxError
        ? { what: `${placeOfSyntax(stack)}${message}`, nextStep: 'Fix the syntax error.' }
        : {
            what: `${message}${placeOfThrow(stack)}`,
            nextStep: 'Fix the error: the module throws it while it is imported.',
          };
  }
}

function missingStep(message: string): string {
  const [, name] = /Cannot find package '([^']+)'/.exec(message) ?? [];
  if (name !== undefined) return `npm install ${name}`;
  return "Check the import path. Node requires the file extension: './graph.ts', not './graph'.";
}

/** Node writes the file and line that it could not parse in front of the stack, as a path in a CommonJS project. */
function placeOfSyntax(stack: string): string {
  const [, file, line] = /^(file:\/\/\S+|\/.+|[A-Z]:\\.+):(\d+)$/.exec(stack.split('\n')[0] ?? '') ?? [];
  return file === undefined ? '' : `${pathOf(file)}:${line}: `;
}

function placeOfThrow(stack: string): string {
  const [, url, place] = /\b(file:\/\/[^\s)]+?):(\d+:\d+)/.exec(stack) ?? [];
  return url === undefined ? '' : ` (${pathOf(url)}:${place})`;
}

function pathOf(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}
