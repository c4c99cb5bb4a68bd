/** A text as one word of a POSIX shell, so that a printed command can be pasted. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./][\w@%+=:,./#-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** An option and its value as typed in a shell, with a leading space; empty if there is no value. */
export function shellOption(name: string, value: string | undefined): string {
  return value === undefined ? '' : ` ${name} ${shellWord(value)}`;
}
