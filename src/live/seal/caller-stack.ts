// Who called: the frames of a stack that are not those of Node, nor of ours.

/** Deep enough to find the caller behind the frames of Node and of a client. */
const framesMax = 50;
const shownMax = 10;

/** This folder, or in the built package the file that holds it. */
const ours = import.meta.url.replace(/caller-stack\.ts$/, '');

/** The stack of the caller of `door`, innermost frame first. */
export function callerStack(door: object): readonly string[] {
  const holder: { stack?: string } = {};
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = framesMax;
  Error.captureStackTrace(holder, door as () => unknown);
  Error.stackTraceLimit = before;
  const lines = (holder.stack ?? '').split('\n').slice(1);
  return lines.filter((line) => !/node:|\(<anonymous>\)$/.test(line) && !line.includes(ours));
}

export function stackText(frames: readonly string[]): string {
  return frames.slice(0, shownMax).join('\n');
}
