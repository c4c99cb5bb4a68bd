// Reads the stacks of what a node threw: which frames are kept, and how they name files.
import { errorParts } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { Stacks } from '../../journal/entry.ts';
import { fileOf, withNames } from '../../port/source-paths.ts';
import type { SourcePaths } from '../../port/source-paths.ts';

const stacksMax = 16;
const framesMax = 32;
const frameLengthMax = 300;
/** More of a stack is not looked at. */
const stackLengthMax = 40_000;

/**
 * The stacks of an error, of the errors within it and of its causes. `kept` is the error as the journal holds it, which
 * says how many there are. Undefined if none has a frame.
 */
export function readStacks(kept: Value, thrown: unknown, paths: SourcePaths): Stacks | undefined {
  const stacks: string[] = [];
  const read = (error: Value, source: unknown): void => {
    if (!(error instanceof Error) || stacks.length === stacksMax) return;
    stacks.push(framesOf(source, paths).join('\n'));
    const { own, cause } = errorParts(error);
    for (const [part, value] of Object.entries(own)) {
      const sources = partOf(source, part);
      if (Array.isArray(value)) for (const [place, inner] of value.entries()) read(inner, partOf(sources, place));
      else read(value, sources);
    }
    read(cause, partOf(source, 'cause'));
  };
  read(kept, thrown);
  while (stacks.at(-1) === '') stacks.pop();
  return stacks.length === 0 ? undefined : Object.freeze(stacks);
}

/** Reading a property may run the user's code, which may throw. */
function partOf(holder: unknown, key: string | number): unknown {
  try {
    return (holder as { readonly [key: string | number]: unknown } | undefined)?.[key];
  } catch {
    return undefined;
  }
}

/** What stands between the user's functions in every stack. */
const plumbing = /node:(?:internal\/(?:process|async_local_storage)\/|async_hooks:)/;

/** The frames of one error that are not of Node or of Reprise. */
export function framesOf(error: unknown, paths: SourcePaths): readonly string[] {
  const frames = linesOf(error);
  const foreign = frames.filter((frame) => !plumbing.test(frame) && !isOwn(frame, paths));
  // Where Reprise is bundled with the user's code, all frames are in one file. Its own errors have nothing to tell then.
  const shown = foreign.length === 0 && partOf(error, 'name') !== 'RepriseError' ? frames : foreign;
  return shown.slice(0, framesMax).map((frame) => withNames(frame, paths).slice(0, frameLengthMax));
}

/** The lines of a stack that are frames. The message above them may have lines of any look. */
function linesOf(error: unknown): readonly string[] {
  const stack = partOf(error, 'stack');
  if (typeof stack !== 'string') return [];
  const message = partOf(error, 'message');
  const messageAt = typeof message === 'string' ? stack.indexOf(message) : -1;
  const start = messageAt < 0 ? 0 : messageAt + (message as string).length;
  const lines = stack.slice(start, start + stackLengthMax).split('\n');
  return lines.map((line) => line.trim()).filter((line) => line.startsWith('at '));
}

function isOwn(frame: string, paths: SourcePaths): boolean {
  const file = fileOf(frame);
  return file !== undefined && paths.isOwn(file);
}
