// Credentials by name in the forms of config files, of shells and of programs that talk: what has neither `=` nor `:` between
// the name and the value, or has them elsewhere than in assignments (assignment.ts).
import type { CredentialKind } from '../credential/credential-kind.ts';
import { announced, credentialKind, pairedPlace } from '../credential-name.ts';
import { isValue } from './assignment.ts';

type Mark = (kind: CredentialKind, found: string) => string;

interface Form {
  /** Nothing is searched in a text without this. */
  readonly hint: RegExp;
  /** Groups: `lead`, `found`, and `name` if the name decides. */
  readonly form: RegExp;
  readonly kind?: CredentialKind;
  /** Prose has the same form, so the value has to look like one. */
  readonly isProse?: true;
  readonly of: string;
}

/** Command lines that hold a password without naming it. */
export const shellHint = /sshpass|mysql|docker login|redis-cli/;
/** Cookies of a browser, which are listed without the word. */
export const cookieHint = /httpOnly\\*"|sameSite\\*"|domain\\*":/i;

const name = String.raw`(?<name>[A-Za-z_][\w.-]{1,63})`;
const mark = String.raw`\[redacted:[a-z-]+(?:#\d+)?\]`;
const lineEnd = String.raw`(?:\r?\n|\\r\\n|\\n)`;

const forms: readonly Form[] = [
  {
    hint: /cookie:/i,
    form: /(?<lead>(?:^|\\n|[\n"'])(?:set-)?cookie:[ \t]{1,4})(?<found>[\w!#$%&*.^|~+-]{1,128}=[^\r\n"'\\]{1,4096})/gi,
    kind: 'cookie',
    of: 'the lines of headers',
  },
  {
    hint: /name: /,
    form: new RegExp(
      String.raw`(?<lead>\bname: \\*["']?${name}\\*["']?(?:${lineEnd})?[ \t]{1,40}value: \\*["']?)(?<found>[^\s"'\\]{3,4096})`,
      'g',
    ),
    of: 'the environment of a container, in YAML',
  },
  {
    hint: /: [|>]/,
    form: new RegExp(
      String.raw`(?<lead>(?:^|\\n|")[ \t]*${name}: [|>][+-]?${lineEnd}[ \t]+)(?<found>[^\s\\][^\r\n\\]{2,4096})`,
      'gm',
    ),
    of: 'blocks of YAML',
  },
  {
    hint: /ENV /,
    form: new RegExp(String.raw`(?<lead>(?:^|\\n)[ \t]*ENV[ \t]+${name}[ \t]+)(?<found>[^\s\\"]{3,4096})`, 'gm'),
    of: 'a Dockerfile',
  },
  {
    hint: /\bpassword /,
    form: /(?<lead>\blogin\s{1,8}\S{1,128}\s{1,8}password\s{1,8})(?<found>[^\s"'\\]{3,256})/g,
    kind: 'password',
    of: '.netrc',
  },
  {
    hint: /password '|identified by '/i,
    form: /(?<lead>\b(?:password|identified by) ')(?<found>[^'\n]{3,256})(?=')/gi,
    kind: 'password',
    of: 'SQL',
  },
  {
    hint: /password is/i,
    form: /(?<lead>\bpassword is:? {1,4}\\*["']?)(?<found>[^\s"'\\]{6,256})/gi,
    kind: 'password',
    isProse: true,
    of: 'mails',
  },
  {
    hint: shellHint,
    form: /(?<lead>\b(?:(?:sshpass|docker login)\b[^\n|;&]{0,200}?\s-p\s{1,4}|mysql\w{0,8}\b[^\n|;&]{0,200}?\s-p(?=\S)|redis-cli\b[^\n|;&]{0,200}?\s-a\s{1,4})["']?)(?<found>[^\s"'\\]{3,256})/g,
    kind: 'password',
    of: 'command lines',
  },
  {
    hint: /(?:name|key)=/,
    form: new RegExp(
      String.raw`(?<lead><[\w.:-]{1,64}\s(?:[^<>]{0,256}\s)?(?:name|key)=\\*"${name}\\*"[^<>]{0,256}>)(?<found>[^<>]{1,4096})(?=<\/)`,
      'g',
    ),
    of: 'XML that names in attributes',
  },
  {
    hint: /<\/name>/,
    form: new RegExp(
      String.raw`(?<lead><name>${name}<\/name>(?:\s|\\[nrt]){0,64}<value>)(?<found>[^<>]{1,4096})(?=<\/value>)`,
      'g',
    ),
    of: 'XML that names in elements',
  },
  {
    hint: /<!\[CDATA\[/,
    form: new RegExp(
      String.raw`(?<lead><${name}(?:\s[^<>]{0,256})?><!\[CDATA\[)(?<found>(?:${mark}|[^\]]){1,4096})(?=\]\]>)`,
      'g',
    ),
    of: 'XML with sections of characters',
  },
  {
    hint: /content=/,
    form: new RegExp(String.raw`(?<lead>\bname=\\*"${name}\\*"\s{1,8}content=\\*")(?<found>[^"\\]{3,4096})`, 'g'),
    of: 'the head of a page',
  },
  {
    hint: cookieHint,
    form: /(?<lead>\\*"(?:name|key)\\*":\s?\\*"[^"\\]{1,128}\\*",\s{0,16}\\*"value\\*":\s?\\*")(?<found>[^"\\]{6,4096})(?=\\*",[^{}]{0,400}(?:httpOnly|sameSite|domain)\\*":)/gi,
    kind: 'cookie',
    of: 'the cookies of a browser',
  },
  {
    hint: /form-data; name=/,
    form: new RegExp(
      String.raw`(?<lead>form-data; name=\\*"${name}\\*"[^\r\n\\]{0,256}(?:${lineEnd}[^\r\n\\]{1,256}){0,4}${lineEnd}${lineEnd})(?<found>[^\r\n\\]{1,4096})`,
      'g',
    ),
    of: 'the fields of a form with parts',
  },
  {
    hint: /["'] {0,4}=>/,
    form: new RegExp(String.raw`(?<lead>["']${name}["'] {0,4}=> {0,4}["'])(?<found>[^"'\n\\]{3,4096})`, 'g'),
    of: 'PHP',
  },
  {
    hint: /[{ ][A-Za-z]\w{1,63}:[^\s:]/,
    form: new RegExp(String.raw`(?<lead>[{ ]${name}:)(?<found>[^\s"'{}[\]<>,;\\]{6,256})(?=[ }])`, 'g'),
    isProse: true,
    of: 'what Go prints of a record',
  },
];

const columnSeparators = [',', ';', '\t', '|'];
const headingLengthMax = 2_048;
/** At most two words: a line of prose has longer pieces. */
const columnName = /^\s*"?([A-Za-z_][\w.-]{0,63}(?: [\w.-]{1,64})?)"?\s*$/;

/** The columns of a table whose first line names them, separated by commas and the like. */
export function redactColumns(text: string, mark: Mark): string {
  const headingEnd = text.indexOf('\n');
  if (headingEnd < 0 || headingEnd > headingLengthMax) return text;
  const heading = text.slice(0, headingEnd);
  const separator = columnSeparators.find((one) => heading.includes(one));
  if (separator === undefined) return text;
  const names = heading.split(separator).map((cell) => columnName.exec(cell)?.[1]);
  if (names.includes(undefined)) return text;
  const columns = names.map((cell) => (cell as string).replaceAll(' ', '_'));
  if (columns.every((column) => announced(column, 'field') === undefined)) return text;
  const [first = '', ...rows] = text.split('\n');
  return [first, ...rows.map((row) => redactRow(row, columns, separator, mark))].join('\n');
}

function redactRow(row: string, columns: readonly string[], separator: string, mark: Mark): string {
  const cells = row.split(separator);
  if (cells.length !== columns.length) return row;
  const redacted = cells.map((cell, index) => {
    const [, lead = '', found = '', rest = ''] = /^(\s*"?)(.*?)("?\s*)$/.exec(cell) ?? [];
    const kind = credentialKind(columns[index] as string, found, 'field');
    return kind === undefined || found === '' ? cell : `${lead}${mark(kind, found)}${rest}`;
  });
  return redacted.join(separator);
}

export function redactConfigText(text: string, mark: Mark): string {
  let redacted = text;
  for (const { hint, form, kind, isProse } of forms) {
    if (!hint.test(redacted)) continue;
    redacted = redacted.replace(form, (whole: string, ...given: unknown[]) => {
      const { lead, found, name: named } = given.at(-1) as { readonly [group: string]: string };
      const known = kind ?? credentialKind(named as string, found as string, pairedPlace(named as string));
      if (known === undefined || (isProse === true && !(/\d/.test(found as string) && isValue(found as string))))
        return whole;
      return `${lead}${mark(known, found as string)}`;
    });
  }
  return redacted;
}
