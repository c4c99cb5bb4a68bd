// Why a module of the user cannot be loaded, and what to do about it.
import { RepriseError } from '../../src/index.ts';

interface Fault {
  readonly what: string;
  readonly nextStep: string;
}

/** The coded error for what importing a module threw. Errors that are ours (a graph that is not valid) keep their code. */
export function moduleFault(path: string, thrown: unknown): RepriseError {
  if (thrown instanceof RepriseError) return placed(thrown, path);
  const { what, nextStep } = faultOf(thrown);
  return new RepriseError('module-unloadable', `the module ${path} cannot be loaded: ${what}`, {
    nextStep,
    cause: thrown,
    fields: { path },
  });
}

/** Which of many modules it was is not to be guessed. */
function placed(error: RepriseError, path: string): RepriseError {
  if (error.message.includes(path)) return error;
  const { code, message, nextStep, fields } = error;
  return new RepriseError(code, `${message} (thrown as ${path} is imported)`, { nextStep, fields, cause: error });
}

function faultOf(thrown: unknown): Fault {
  if (!(thrown instanceof Error)) return { what: `it throws ${String(thrown)}`, nextStep: 'Let it throw an Error.' };
  const { message, stack = '' } = thrown;
  const code: unknown = (thrown as { code?: unknown }).code;
  switch (code) {
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return {
        what: `${placeOfSyntax(stack)}${message}`,
        nextStep:
          'Write it without enums, namespaces, parameter properties and decorators, which Node cannot strip; or use a loader: NODE_OPTIONS="--import tsx" npx reprise …',
      };
    case 'ERR_MODULE_NOT_FOUND':
      return { what: message, nextStep: missingStep(thrown) };
    default:
      return thrown instanceof SyntaxError
        ? { what: `${placeOfSyntax(stack)}${message}`, nextStep: 'Mend the syntax.' }
        : {
            what: `${message}${placeOfThrow(stack)}`,
            nextStep: 'See where it is thrown: it happens as the module is imported.',
          };
  }
}

function missingStep(thrown: Error): string {
  const [, name] = /Cannot find package '([^']+)'/.exec(thrown.message) ?? [];
  if (name !== undefined) return `npm install ${name}`;
  return "Check the path of the import. Node wants it with its extension: './graph.ts', not './graph'.";
}

/** Node says before the stack which file and line it could not parse. */
function placeOfSyntax(stack: string): string {
  const [, place] = /^file:\/\/(\S+:\d+)$/m.exec(stack.split('\n')[0] ?? '') ?? [];
  return place === undefined ? '' : `${decodeURI(place)}: `;
}

function placeOfThrow(stack: string): string {
  const [, place] = /\bfile:\/\/([^\s)]+:\d+:\d+)/.exec(stack) ?? [];
  return place === undefined ? '' : ` (${decodeURI(place)})`;
}
