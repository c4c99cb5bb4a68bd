/** A text as one word of a POSIX shell, so that a line that is shown can be pasted. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./][\w@%+=:,./#-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** An option with its value as it is written on the command line; nothing where there is no value. */
export function shellOption(name: string, value: string | undefined): string {
  return value === undefined ? '' : ` ${name} ${shellWord(value)}`;
}
