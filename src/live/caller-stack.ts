// Who called: the frames of a stack that are not those of Node, nor of ours.

import { fileOf, withNames } from '../port/source-paths.ts';
import { liveSourcePaths } from './source-paths.ts';

/** Deep enough to find the caller behind the frames of Node and of a client. */
const framesMax = 50;
const shownMax = 10;

/** The stack of the caller of `door`, innermost frame first, without frames of Node and ours. */
export function callerStack(door: object): readonly string[] {
  return rawStack(door).filter((line) => !/node:|\(<anonymous>\)$/.test(line) && !isOurs(line));
}

function isOurs(frame: string): boolean {
  const file = fileOf(frame.trim());
  return file !== undefined && liveSourcePaths.isOwn(file);
}

/** With those of Node. */
export function rawStack(door: object): readonly string[] {
  const holder: { stack?: string } = {};
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = framesMax;
  Error.captureStackTrace(holder, door as () => unknown);
  Error.stackTraceLimit = before;
  return (holder.stack ?? '').split('\n').slice(1);
}

/** The innermost frames, with paths relative to the project. */
export function stackText(frames: readonly string[]): string {
  const shown = frames.slice(0, shownMax);
  return shown.map((frame) => withNames(frame, liveSourcePaths)).join('\n');
}
