// Credentials whose name stands a step away from them: in a list under the name, in a record with a value, in the cell of a
// table, or beside a label that people read. What stands directly under its name is found elsewhere (redact.ts, redact-text.ts).
//   N1. Prose is left alone: behind a label only what looks like a value counts.
import { canonicalList, canonicalRecord } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { isRecordValue } from '../record-value.ts';
import type { RecordValue } from '../record-value.ts';
import type { CredentialKind } from './credential/credential-kind.ts';
import { credentialKind } from './credential-name.ts';
import { shapeKind } from './credential-shape.ts';
import { isValue } from './find/assignment.ts';
import { jsonDocuments, withLeaves } from './find/json-leaves.ts';
import type { JsonLeaf, LeafChange } from './find/json-leaves.ts';
import { fromAddress, inAddress, isMark } from './mark.ts';

type Mark = (kind: CredentialKind, found: string) => string;

/** What stands in the same record as a value and says what it is. */
interface Beside {
  readonly id?: Value;
  readonly label?: Value;
  readonly type?: Value;
}

/** The kind of a text, by the steps that lead to it. */
function kindAt(path: readonly string[], value: string, beside: Beside = {}): CredentialKind | undefined {
  const [host, around = '', last = ''] = ['', '', '', ...path].slice(-3);
  const above = path.at(-3);
  if (/^secret(?:string|binary)$/i.test(last)) return /^\s*[[{]/.test(value) ? undefined : 'secret';
  if (last === 'auth' && above === 'auths') return 'basic';
  if (/^\d+$/.test(last)) return listed(around, value);
  if (last !== 'value') return undefined;
  if (beside.type === 'CONCEALED') return 'secret';
  const named = [beside.id, beside.label].find(
    (name) => typeof name === 'string' && credentialKind(name, value, 'field'),
  );
  if (typeof named === 'string') return credentialKind(named, value, 'field');
  if (/^\d+$/.test(around)) return host === 'cookies' && value.length >= cookieLengthMin ? 'cookie' : undefined;
  return credentialKind(around, value, 'field');
}

/** Shorter values are settings. */
const cookieLengthMin = 6;

/** The name of a list may be that of each item, or of all. */
function listed(name: string, value: string): CredentialKind | undefined {
  return (
    credentialKind(name, value, 'field') ??
    (name.endsWith('s') ? credentialKind(name.slice(0, -1), value, 'field') : undefined)
  );
}

/** A record with what stands a step away from its names replaced; by identity if that is nothing. */
export function redactNamedParts(record: RecordValue, mark: Mark): RecordValue {
  let changed: Map<string, Value> | undefined;
  const put = (name: string, before: Value, after: Value): void => {
    if (Object.is(before, after)) return;
    changed ??= new Map(Object.entries(record));
    changed.set(name, after);
  };
  for (const [name, item] of Object.entries(record)) {
    if (typeof item === 'string') put(name, item, marked([name], item, mark, record));
    else if (Array.isArray(item))
      put(
        name,
        item,
        mappedList(item, (text) => marked([name, '0'], text, mark)),
      );
    else if (isRecordValue(item)) put(name, item, inRecord(name, item, mark));
  }
  return changed === undefined ? record : (canonicalRecord([...changed]) as RecordValue);
}

function inRecord(name: string, item: RecordValue, mark: Mark): Value {
  const { value } = item;
  if (typeof value === 'string') {
    const redacted = marked([name, 'value'], value, mark);
    return redacted === value ? item : canonicalRecord([...Object.entries(item), ['value', redacted]]);
  }
  if (name !== 'auths') return item;
  const hosts = Object.entries(item).map(([host, login]): readonly [string, Value] => {
    if (!isRecordValue(login) || typeof login.auth !== 'string') return [host, login];
    const auth = marked(['auths', host, 'auth'], login.auth, mark);
    return [host, auth === login.auth ? login : canonicalRecord([...Object.entries(login), ['auth', auth]])];
  });
  return hosts.every(([host, login]) => login === item[host]) ? item : canonicalRecord(hosts);
}

function mappedList(list: readonly Value[], map: (text: string) => string): readonly Value[] {
  const mapped = list.map((item) => (typeof item === 'string' ? map(item) : item));
  return mapped.every((item, index) => Object.is(item, list[index])) ? list : canonicalList(mapped);
}

function marked(path: readonly string[], text: string, mark: Mark, beside?: Beside): string {
  const kind = text === '' ? undefined : kindAt(path, text, beside);
  return kind === undefined ? text : mark(kind, text);
}

const names = `(?:auth|bearer|cookie|jwt|key|token|secret|credential|pass(?:word|wd|phrase|code)?|pwd|pin|otp)s?`;

/** Nothing is taken apart in a text without one of these: JSON with as much in it as an answer of a model has takes its time. */
export const partsHint = new RegExp(
  [
    String.raw`${names}\\*"\s{0,8}:\s{0,8}[[{]`,
    String.raw`(?:"|_)secret(?:string|binary)\\*"|"auths\\*"|CONCEALED`,
    String.raw`"(?:id|label)\\*"\s{0,8}:\s{0,8}\\*"[^"\\]{0,40}${names}\\*"`,
    String.raw`${names}\**:\**[ \t]{1,4}\S`,
    String.raw`\|[ \t]*:?-+:?[ \t]*\|`,
    '[?&]code=',
  ].join('|'),
  'i',
);

/** The same in a text: in the JSON of it, in tables of Markdown, beside labels and in links. */
export function redactNamedTexts(text: string, mark: Mark): string {
  const redacted = redactJson(text, mark);
  return redactCodes(redactTables(redactLabels(redacted, mark), mark), mark);
}

function redactJson(text: string, mark: Mark): string {
  if (!/[[{]/.test(text)) return text;
  const changes: LeafChange[] = [];
  for (const { leaves } of jsonDocuments(text)) {
    const besides = besidesOf(leaves);
    for (const leaf of leaves) {
      if (typeof leaf.value !== 'string' || leaf.path.length === 0) continue;
      const direct = marked(leaf.path, leaf.value, mark, besides.get(leaf.path.slice(0, -1).join('/')));
      const value =
        direct === leaf.value && leaf.value.length >= nestedLengthMin ? redactNamedTexts(direct, mark) : direct;
      if (value !== leaf.value) changes.push({ leaf, value });
    }
  }
  return changes.length === 0 ? text : withLeaves(text, changes);
}

const nestedLengthMin = 12;

function besidesOf(leaves: readonly JsonLeaf[]): ReadonlyMap<string, Beside> {
  const besides = new Map<string, { [name: string]: Value }>();
  for (const { path, value } of leaves) {
    const name = path.at(-1) ?? '';
    if (name !== 'id' && name !== 'label' && name !== 'type') continue;
    const around = path.slice(0, -1).join('/');
    besides.set(around, { ...besides.get(around), [name]: value });
  }
  return besides;
}

const labelled =
  /((?:^|[\n>*_|(]|[-:,.] |\bthe |\byour )[ \t]{0,8}\**)([A-Za-z]{2,20}(?:[ -][A-Za-z]{2,20}){0,2})(\**:\**[ \t]{1,4}[`"']?)([^\s`"'<>\\|]{6,256})/gi;

/** What code has in the place of a value: `auth[1]`, `load(2)`. */
const expression = /^[A-Za-z_$][\w$.]*[[(]/;

/** `API key: …`, `**Password:** …`. */
function redactLabels(text: string, mark: Mark): string {
  if (!/:\**[ \t]/.test(text)) return text;
  return text.replace(labelled, (whole: string, lead: string, label: string, sign: string, given: string) => {
    const end = /[.,;:)]*$/.exec(given)?.[0] ?? '';
    const value = given.slice(0, given.length - end.length);
    const isOne = isMark(value) || shapeKind(value) !== undefined || (/\d/.test(value) && isValue(value));
    if (!isOne || expression.test(value)) return whole;
    const kind = credentialKind(label.replaceAll(/[ -]/g, '_'), value, 'field');
    return kind === undefined ? whole : `${lead}${label}${sign}${mark(kind, value)}${end}`;
  });
}

const row = /^[ \t]*\|.*\|[ \t]*$/;
const rule = /^[ \t]*\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*$/;

function redactTables(text: string, mark: Mark): string {
  if (!/\|[ \t]*:?-/.test(text)) return text;
  const lines = text.split('\n');
  let names: readonly string[] | undefined;
  const redacted = lines.map((given, index) => {
    const line = given.replace(/\r$/, '');
    if (!row.test(line)) names = undefined;
    else if (names === undefined && rule.test(lines[index + 1] ?? '')) names = cellsOf(line).map((cell) => cell.trim());
    else if (names !== undefined && !rule.test(line)) return redactRow(given, names, mark);
    return given;
  });
  return redacted.join('\n');
}

function cellsOf(line: string): readonly string[] {
  return line.split('|').slice(1, -1);
}

function redactRow(line: string, names: readonly string[], mark: Mark): string {
  const [before = '', ...rest] = line.split('|');
  const cells = rest.map((cell, index) => {
    const [, lead = '', found = '', end = ''] = /^(\s*`?)(.*?)(`?\s*)$/.exec(cell) ?? [];
    const name = names[index]?.replaceAll(' ', '_');
    const kind = name === undefined || found === '' ? undefined : credentialKind(name, found, 'field');
    return kind === undefined ? cell : `${lead}${mark(kind, found)}${end}`;
  });
  return [before, ...cells].join('|');
}

/** What OAuth hands out in the link that it sends a browser to. */
const code =
  /([?&]code=)(\[redacted:[a-z-]+(?:%23\d+)?\]|(?=[^&#\s]{0,64}\d)(?=[^&#\s]{0,64}[A-Za-z])[\w.~%/-]{16,512})/g;

function redactCodes(text: string, mark: Mark): string {
  if (!text.includes('code=')) return text;
  return text.replace(
    code,
    (_whole, lead: string, found: string) => lead + inAddress(mark('token', fromAddress(found))),
  );
}
