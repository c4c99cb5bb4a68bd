// Why a module of the user cannot be loaded, and what to do about it.
import { RepriseError } from '../base/error.ts';
import { missingLoader } from './missing-loader.ts';
import { pathOf, placeOfSyntax } from './module-place.ts';

/** What is wrong with a module, and what to do. */
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
  const { what, nextStep } = faultOf(path, thrown);
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

function faultOf(path: string, thrown: unknown): Fault {
  if (!(thrown instanceof Error)) return { what: `it threw ${String(thrown)}`, nextStep: 'Throw an Error instead.' };
  const { message, stack = '' } = thrown;
  const missing = missingLoader(path, thrown);
  if (missing !== undefined) return missing;
  if ((thrown as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') {
    const [, name] = /Cannot find package '([^']+)'/.exec(message) ?? [];
    return { what: message, nextStep: name === undefined ? 'Check the import path.' : `npm install ${name}` };
  }
  return thrown instanceof SyntaxError
    ? { what: `${placeOfSyntax(stack)}${message}`, nextStep: 'Fix the syntax error.' }
    : {
        what: `${message}${placeOfThrow(stack)}`,
        nextStep: 'Fix the error: the module throws it while it is imported.',
      };
}

function placeOfThrow(stack: string): string {
  const [, url, place] = /\b(file:\/\/[^\s)]+?):(\d+:\d+)/.exec(stack) ?? [];
  return url === undefined ? '' : ` (${pathOf(url)}:${place})`;
}
