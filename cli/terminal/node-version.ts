const nodeVersionMin = [22, 18] as const;

/** The message for a Node that is too old, or for something else than Node; undefined if it is supported. */
export function nodeTooOld({
  node,
  bun,
}: {
  readonly node: string;
  readonly bun?: string | undefined;
}): string | undefined {
  if (bun !== undefined) return refusal(`the command line needs Node, but this is Bun ${bun}`);
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const [majorMin, minorMin] = nodeVersionMin;
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return undefined;
  return refusal(`Node ${majorMin}.${minorMin} or newer is required, but this is Node ${node}`);
}

function refusal(what: string): string {
  return [
    `reprise: ${what} [node-too-old]`,
    '  next: install a newer Node, or add it to the project: npm install --save-dev node@24',
    '  see:  node_modules/reprise/docs/reference/errors/node-too-old.md',
  ].join('\n');
}
