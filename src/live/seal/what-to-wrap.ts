// What to put into an effect, so that it is recorded: said where something leaves a live node unrecorded, and where a replay
// refuses it. A driver is named by its package, which stands in the stack between Node and the code of the user.

/** `frames`: innermost first. */
export function whatToWrap(frames: readonly string[]): string {
  const name = calledPackage(frames);
  return name === undefined
    ? 'wrap it in `context.effect`, or the function that does it in `asEffect`'
    : `wrap what the node calls of ${name} in \`context.effect\`, or its client in \`asEffect\``;
}

/** The outermost of the packages that led here: a driver may use others. */
function calledPackage(frames: readonly string[]): string | undefined {
  let called: string | undefined;
  for (const frame of frames) {
    const name = /.*\bnode_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)[/\\]/.exec(frame)?.[1]?.replace('\\', '/');
    if (name === undefined) return called;
    called = name;
  }
  return called;
}
