// Credentials by name in texts that are not JSON: `.env`, TOML and INI files, YAML, headers as text, command lines, XML, and
// lists of names and values.
//   A1. Prose is left alone: a value without quotes counts only if it looks like one (`isValue`).
import type { CredentialKind } from '../credential/credential-kind.ts';
import { isReference } from '../credential/value-look.ts';
import { credentialKind, pairedPlace } from '../credential-name.ts';

type Mark = (kind: CredentialKind, found: string) => string;

/** Any name that could announce a credential contains one of these; those that are parts of many words end a name. */
export const nameHint =
  /auth|cookie|key|token|secret|cred|connection|pass|pwd|mnemonic|phrase|bearer|jwt|(?:pin|otp|pat|pw|sid|session[_-]?id|[xc]srf|codes?)\d{0,2}(?![A-Za-z])/i;

const before = String.raw`(^|[\s;,{(["'\x60&?]|\\[nrt]|--?|(?<=[\s{,]|env|^|\/):)`;
const mark = String.raw`\[redacted:[a-z-]+(?:#\d+)?\]`;
const quoted = String.raw`\\*"(?:[^"\\\n]|\\+[^"\\\n]){1,4096}|'[^'\\\n]{1,4096}`;
const bare = String.raw`${mark}|[^\s"'\x60<>\\,;&|(){}[\]]{3,4096}`;

/** `NAME=value`, `name = "value"`, `--name=value`. A parameter of a link (`&name=value`) is found elsewhere. */
const equals = new RegExp(
  String.raw`${before}([A-Za-z_][\w.-]{1,63})(\s{0,4}(?:=>|:=|=)\s{0,4})(${quoted}|${bare})`,
  'gm',
);
/** `name: value` to the end of its line, as in YAML and in headers. */
const colon = new RegExp(
  String.raw`(^[ \t]*(?:- )?|\\[nr][ \t]*(?:- )?|[{,][ ]?|-H \\*["']|> |< )(["']?)([A-Za-z][\w.-]{1,63})(\2:[ \t]{1,8})((?:(?:Bearer|Basic|Token|token|bearer|basic) )?(?:${bare}))(?=[ \t]*(?:$|\\[nr]|\\*["'},]))`,
  'gm',
);
/** `name: "value"`, anywhere. JSON is found elsewhere. */
const quotedColon = new RegExp(
  String.raw`(^|[\s{,("'\x60]|\\[nrt])('?)([A-Za-z][\w.-]{1,63})(\2:[ \t]{0,8})(${quoted})`,
  'gm',
);
/** `--name value`. */
const flag = new RegExp(String.raw`(^|[\s"'])(--?)([A-Za-z][\w.-]{1,63})(\s{1,4})(?!-)(${quoted}|${bare})`, 'gm');
/** `curl --user name:password`. */
const user = /((?:^|\s)(?:-u|--user|--proxy-user)[ =]{1,4}["']?[^\s:"']{1,128}:)([^\s"'\\]{1,256})/g;
const element = /(<([A-Za-z][\w.:-]{1,63})(?:\s[^<>]{0,256})?>)([^<>]{1,4096})(?=<\/\2>)/g;
/** `<add key="ApiKey" value="…"/>`, `{"name":"x-api-key","value":"…"}`, `["x-api-key","…"]`, in JSON that is escaped as well. */
const pair =
  /((?:\bkey=|\bname=|(\\*)"(?:[Pp]arameter)?(?:[Nn]ame|[Kk]ey|header)\2"\s{0,4}:\s{0,4})(\\*)"([A-Za-z][\w.-]{1,63})\3"[\s,]{0,8}(?:value=|\3"(?:[Pp]arameter)?(?:[Vv]alue|val)\3"\s{0,4}:\s{0,4})\3")([^"\\\n]{1,4096})/g;
/** The same with the value first. */
const pairBackwards =
  /((\\*)"(?:[Pp]arameter)?(?:[Vv]alue|val)\2"\s{0,4}:\s{0,4}\2")([^"\\\n]{1,4096})(?=\2"\s{0,4},\s{0,8}\2"(?:[Pp]arameter)?(?:[Nn]ame|[Kk]ey|header)\2"\s{0,4}:\s{0,4}\2"([A-Za-z][\w.-]{1,63})\2")/g;
const list =
  /((?<=[[,]\s{0,8})\[\s{0,8}(\\*)"([A-Za-z][\w.-]{1,63})\2"\s{0,4},\s{0,8}\2")([^"\\\n]{1,4096})(?=\2"\s{0,8}\])/g;

const everyName = new RegExp(nameHint.source, 'gi');
const inName = new Uint8Array(128);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.')
  inName[character.charCodeAt(0)] = 1;

/** In which forms names of credentials stand in a text. Nearly no text has any, and each is looked at. */
function formsIn(text: string): ReadonlySet<'equals' | 'colon' | 'flag' | 'element'> {
  const forms = new Set<'equals' | 'colon' | 'flag' | 'element'>();
  everyName.lastIndex = 0;
  for (let match = everyName.exec(text); match !== null; match = everyName.exec(text)) {
    let start = match.index;
    while (inName[text.charCodeAt(start - 1)] === 1) start -= 1;
    let end = everyName.lastIndex;
    while (inName[text.charCodeAt(end)] === 1) end += 1;
    everyName.lastIndex = end;
    if (text[start - 1] === '<' || text[start - 1] === ':') forms.add('element');
    if (text[start] === '-' && (text[end] === ' ' || text[end] === '\n')) forms.add('flag');
    let next = end;
    while (text[next] === '\\') next += 1;
    const isQuoted = text[next] === '"';
    if (isQuoted || text[next] === "'") next += 1;
    while (text[next] === ' ' || text[next] === '\t') next += 1;
    if (text[next] === '=' || text.startsWith(':=', next)) forms.add('equals');
    // JSON is found elsewhere.
    if (text[next] === ':' && !(isQuoted && text[next + 1] !== ' ')) forms.add('colon');
  }
  return forms;
}

const pairHint = /"(?:parameter)?val|value=/i;
const listHint = /[[,]\s{0,8}\[\s{0,8}\\*"/;

export function redactAssignments(text: string, given: Mark): string {
  let redacted = text;
  const forms = formsIn(text);
  if (forms.has('equals'))
    redacted = redacted.replace(equals, (whole: string, lead: string, name: string, sign: string, value: string) => {
      const isVariable = !/\s/.test(sign) && name === name.toUpperCase();
      const place = lead.startsWith('-') ? 'query' : isVariable ? 'variable' : 'field';
      const kind = credentialKind(name, place === 'field' ? asWritten(value) : withoutQuote(value), place);
      if (kind === undefined) return whole;
      const isCertain = place !== 'field';
      return replaced(`${lead}${name}${sign}`, value, kind, given, isCertain) ?? whole;
    });
  if (forms.has('colon')) {
    const named = (whole: string, lead: string, quote: string, name: string, sign: string, value: string): string => {
      const isVariable = name === name.toUpperCase();
      const kind = credentialKind(
        name,
        isVariable ? withoutQuote(value) : asWritten(value),
        isVariable ? 'variable' : 'field',
      );
      if (kind === undefined) return whole;
      return replaced(`${lead}${quote}${name}${sign}`, value, kind, given, false) ?? whole;
    };
    redacted = redacted.replace(quotedColon, named).replace(colon, named);
  }
  if (forms.has('flag'))
    redacted = redacted.replace(
      flag,
      (whole: string, lead: string, dashes: string, name: string, space: string, value: string) => {
        const kind = credentialKind(name, withoutQuote(value), 'query');
        if (kind === undefined) return whole;
        return replaced(`${lead}${dashes}${name}${space}`, value, kind, given, false) ?? whole;
      },
    );
  if (forms.has('element'))
    redacted = redacted.replace(element, (whole: string, lead: string, name: string, value: string) => {
      const kind = credentialKind(name.slice(name.indexOf(':') + 1), value, 'field');
      return kind === undefined ? whole : `${lead}${given(kind, value)}`;
    });
  if (!text.includes('"')) return redacted;
  if (pairHint.test(text)) redacted = redactPairs(redacted, given);
  return listHint.test(text) ? redactLists(redacted, given) : redacted;
}

function redactPairs(text: string, given: Mark): string {
  const marked = (whole: string, lead: string, name: string, value: string): string => {
    const kind = credentialKind(name, value, pairedPlace(name));
    return kind === undefined ? whole : `${lead}${given(kind, value)}`;
  };
  return text
    .replace(pair, (whole, lead: string, _outer, _inner, name: string, value: string) =>
      marked(whole, lead, name, value),
    )
    .replace(pairBackwards, (whole, lead: string, _escape, value: string, name: string) =>
      marked(whole, lead, name, value),
    );
}

function redactLists(text: string, given: Mark): string {
  return text.replace(list, (whole: string, lead: string, _escape: string, name: string, value: string) => {
    const kind = credentialKind(name, value, 'header');
    return kind === undefined || !isValue(value) ? whole : `${lead}${given(kind, value)}`;
  });
}

/** The password of `curl --user`. */
export function redactUsers(text: string, given: Mark): string {
  return text.includes('-u')
    ? text.replace(user, (_whole, lead: string, found: string) => lead + given('password', found))
    : text;
}

const scheme = /^(?:Bearer|Basic|Token|token|bearer|basic) /;

function replaced(
  lead: string,
  value: string,
  kind: CredentialKind,
  given: Mark,
  isCertain: boolean,
): string | undefined {
  const opening = /^\\*["'`]/.exec(value)?.[0] ?? '';
  const inner = value.slice(opening.length);
  // The quote ends the text in which the name stands, in JSON.
  if (opening !== '' && /^\s*[}\],:]/.test(inner)) return undefined;
  if (opening !== '') return isReference(inner) ? undefined : `${lead}${opening}${given(kind, inner)}`;
  const way = scheme.exec(inner)?.[0] ?? '';
  const found = inner.slice(way.length);
  if (isReference(found) || !(isCertain || way !== '' || isValue(found))) return undefined;
  return `${lead}${way}${given(kind, found)}`;
}

/** What has no quotes may be a number. */
function asWritten(value: string): string | number {
  return /^\d+$/.test(value) ? Number(value) : withoutQuote(value);
}

function withoutQuote(value: string): string {
  return value.replace(/^\\*["'`]/, '');
}

/** Whether something without quotes looks like a value, and not like a word of the text around it. */
export function isValue(value: string): boolean {
  if (value.startsWith('[redacted:')) return true;
  if (/^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/.test(value)) return false;
  if (/^\d{4,}$/.test(value)) return true;
  return value.length >= 6 && (/\d|[^\w.:/-]/.test(value) || /^[a-z]+(?:-[a-z]+){2,}$/i.test(value));
}
