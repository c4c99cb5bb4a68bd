// What a watched run knows of a variable outside the journal: where it stands, and what it held.

/** Where a variable stands. */
export interface VariableName {
  /** The file, as V8 names it; empty for `globalThis` and `process.env`. */
  readonly file: string;
  /** The scope in the file: `Module`, or a closure by the function that made it. */
  readonly scope: string;
  readonly name: string;
}

export interface HeldValue {
  readonly variable: VariableName;
  /** All of the value as text. */
  readonly text: string;
}

/** Everything that could be read at one moment, by a path that leads to it. Two readings of one run share their paths. */
export interface Reading {
  readonly values: ReadonlyMap<string, HeldValue>;
  /** What was there and could not be read to its end, with the reason. */
  readonly unread: ReadonlyMap<string, string>;
}

export interface VariableChange {
  readonly variable: VariableName;
  /** Values as text, cut to a length that a message can show. Missing where the variable was not there. */
  readonly before?: string;
  readonly after?: string;
}

/** What differs between two readings, in the order of the later one. One variable that two paths lead to is one change. */
export function changesBetween(before: Reading, after: Reading): readonly VariableChange[] {
  const changes = new Map<string, VariableChange>();
  for (const [path, held] of after.values) {
    const earlier = before.values.get(path);
    if (earlier?.text === held.text) continue;
    const change = { variable: held.variable, after: shown(held.text) };
    add(changes, earlier === undefined ? change : { ...change, before: shown(earlier.text) });
  }
  for (const [path, held] of before.values) {
    if (!after.values.has(path)) add(changes, { variable: held.variable, before: shown(held.text) });
  }
  return [...changes.values()];
}

const shownLength = 120;

function shown(text: string): string {
  return text.length <= shownLength ? text : `${text.slice(0, shownLength - 1)}…`;
}

/** One name for a variable, whatever path led to it. */
export function variableId({ file, scope, name }: VariableName): string {
  return `${file}\n${scope}\n${name}`;
}

function add(changes: Map<string, VariableChange>, change: VariableChange): void {
  const id = `${variableId(change.variable)}\n${change.before}\n${change.after}`;
  if (!changes.has(id)) changes.set(id, change);
}
