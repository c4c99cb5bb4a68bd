// Names of graphs and nodes. They are part of keys, paths and file names, so some characters are not allowed.

export const nameLengthMax = 200;

/** What is wrong with a name; undefined if nothing is. */
export function nameProblem(name: unknown): string | undefined {
  if (typeof name !== 'string') return 'is not a string';
  if (name === '') return 'is empty';
  if (name.length > nameLengthMax) return `is longer than ${nameLengthMax} characters`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  const taken = /[/[\]:#\u0000-\u001f\u007f-\u009f]/.exec(name)?.[0];
  return taken === undefined ? undefined : `contains ${JSON.stringify(taken)}, which is not allowed in a name`;
}
