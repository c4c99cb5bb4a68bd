// The path of a task inside an attempt: the names from the attempt down, each with a number or with a key.
//   <name>#<n>      by how many tasks of that name its parent has opened: 0, 1, … in call order
//   <name>[<key>]   by a key, whatever the order: reserved characters of the key are percent-encoded
// A slash stands between them: `left#0/search[invoice 7]`.

export function numberedTask(parent: string, name: string, number: number): string {
  return below(parent, `${name}#${number}`);
}

/** The same for a name that may hold anything. */
export function numberedPlace(parent: string, name: string, number: number): string {
  return numberedTask(parent, plain(name), number);
}

export function keyedTask(parent: string, name: string, key: string): string {
  return below(parent, `${name}[${plain(key)}]`);
}

function plain(text: string): string {
  return text.replaceAll(/[%/[\]:#]/g, encoded);
}

function encoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function below(parent: string, segment: string): string {
  return parent === '' ? segment : `${parent}/${segment}`;
}

/** The order in which causes come before consequences: a task after those that it opened. */
export function compareTasksInward(left: string, right: string): number {
  const [first, second] = [`${left}/\uffff`, `${right}/\uffff`];
  return first < second ? -1 : first > second ? 1 : 0;
}
