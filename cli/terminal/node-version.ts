const nodeVersionMin = [22, 18] as const;

/** The message for a Node that is too old; undefined if the version is supported. */
export function nodeTooOld(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorMin, minorMin] = nodeVersionMin;
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return undefined;
  return [
    `reprise: Node ${majorMin}.${minorMin} or newer is required, but this is Node ${version} [node-too-old]`,
    '  next: install a newer Node, or add it to the project: npm install --save-dev node@24',
    '  see:  node_modules/reprise/docs/reference/errors/node-too-old.md',
  ].join('\n');
}
