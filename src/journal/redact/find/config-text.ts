// Credentials by name in the forms of config files, of shells and of programs that talk: what has neither `=` nor `:` between
// the name and the value, or has them elsewhere than in assignments (assignment.ts).
import { credentialKind } from '../credential-name.ts';
import type { CredentialKind } from '../credential-name.ts';
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

const name = String.raw`(?<name>[A-Za-z_][\w.-]{1,63})`;
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
];

export function redactConfigText(text: string, mark: Mark): string {
  let redacted = text;
  for (const { hint, form, kind, isProse } of forms) {
    if (!hint.test(redacted)) continue;
    redacted = redacted.replace(form, (whole: string, ...given: unknown[]) => {
      const { lead, found, name: named } = given.at(-1) as { readonly [group: string]: string };
      const known = kind ?? credentialKind(named as string, 'field');
      if (known === undefined || (isProse === true && !(/\d/.test(found as string) && isValue(found as string))))
        return whole;
      return `${lead}${mark(known, found as string)}`;
    });
  }
  return redacted;
}
