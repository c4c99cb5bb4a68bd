// Looks for secrets in what is about to be kept: the last check, behind all redaction. It knows more forms than redaction does,
// and replaces nothing: what it finds is refused.
import { RepriseError } from '../../base/error.ts';
import { bodies64, isInBody64 } from './find/encoded-run.ts';
import { KnownSecrets, knownLengthMin } from './find/known-secrets.ts';
import { redactEvents } from './find/split-text.ts';
import { isMarked } from './credential-mark.ts';
import { credentialKind } from './credential-name.ts';
import { hasShape, replaceShapes } from './credential-shape.ts';
import { marksInText } from './mark.ts';
import type { RedactionMarks } from './redaction-marks.ts';
import { redactNamed, redactText } from './redact-text.ts';
import type { Marker } from './redact-text.ts';
import type { RedactionRules } from './rule/redaction-rules.ts';

export interface FoundSecret {
  /** The kind of credential, the name of the rule, or `known` for what was replaced elsewhere. */
  readonly rule: string;
  /** Where, in words of the fixture. Never what. */
  readonly place: string;
}

export interface FoundInLine extends FoundSecret {
  /** The first line that was given is 1. */
  readonly line: number;
}

const nothing: readonly FoundInLine[] = [];

/** Lines of one body that were not looked at yet: there may be many short ones, and each look at a text costs the same. */
interface Gathered {
  readonly beginning: string;
  readonly lines: string[];
  length: number;
}

const gatheredLengthMax = 64 * 1024;

/** A secret that a model streams may stand across many events. */
const bodyOverlap = 16 * 1024;

/** As much of one text is looked at together with the next, if they are pieces of one. */
const overlap = 256;
/** The same of a body in base64: enough to know it by, in whole groups, also where it is encoded in another. */
const overlap64 = 1024;

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export class SecretScan {
  readonly #rules: RedactionRules;
  readonly #known = new KnownSecrets();
  /** The end of the piece before, if the line before was one. */
  #before = '';
  #lineCount = 0;
  #gathered: Gathered = { beginning: '', lines: [], length: 0 };
  /** The ends of the last lines of the body, as text and as written. */
  #bodyEnd = '';
  #writtenEnd = '';

  constructor(rules: RedactionRules, marks?: RedactionMarks) {
    this.#rules = rules;
    // What is looked for as a whole alone is a word elsewhere.
    for (const [secret, reach] of marks?.known.all ?? [])
      if (reach !== 'whole') this.#know(secret, 'known', marks?.known.isOfAnyCase(secret) === true);
    for (const { name, text, isCased } of rules.texts)
      if (text.length >= knownLengthMin) this.#know(text, name, !isCased);
  }

  #know(secret: string, rule: string, isOfAnyCase: boolean): void {
    this.#known.add(secret, rule, 'words', isOfAnyCase ? 'in any case' : 'as it is');
    if (secret.length < encodedLengthMin) return;
    for (const form of encodedForms(secret)) this.#known.add(form, rule, 'anywhere');
  }

  /** Looks at a line of a fixture, and at those that were given before and had waited. */
  add(line: string): readonly FoundInLine[] {
    const beginning = bodyBeginning(line);
    const isNext = beginning !== '' && beginning === this.#gathered.beginning;
    const isWhole = beginning !== '' && line.endsWith(wholeLineEnding);
    // A piece of a line may look like a secret by itself alone, unless that is the end of a body in base64.
    const one = isWhole || (isNext && this.#isNextOf64(line)) ? undefined : this.#inLine(line);
    const waits = beginning !== '' && one === undefined;
    const found = isNext && waits && this.#gathered.length < gatheredLengthMax ? nothing : this.settle();
    this.#lineCount += 1;
    if (!isNext || !waits) this.#beginBody(beginning);
    if (waits) this.#gather(line);
    return one === undefined ? found : [...found, { ...one, line: this.#lineCount }];
  }

  /** Whether a line of a body continues the base64 that the line before ends in. */
  #isNextOf64(line: string): boolean {
    const { beginning, lines } = this.#gathered;
    const before = lines.at(-1)?.slice(beginning.length, -bodyEnding.length) ?? this.#writtenEnd;
    return isNext64(before.slice(-overlap64), line.slice(beginning.length, -bodyEnding.length));
  }

  #gather(line: string): void {
    this.#gathered.lines.push(line);
    this.#gathered.length += line.length;
  }

  /** Looks at the lines that wait. Until then they must not be let out. */
  settle(): readonly FoundInLine[] {
    const { beginning, lines } = this.#gathered;
    if (lines.length === 0) return nothing;
    this.#gathered = { beginning, lines: [], length: 0 };
    const text = textOf(beginning, lines);
    const rule = text === undefined ? undefined : this.#inBody(text);
    if (text !== undefined && rule === undefined) return nothing;
    this.#beginBody(beginning);
    const first = this.#lineCount - lines.length + 1;
    const found = lines.flatMap((line, index) => {
      const one = this.#inLine(line);
      return one === undefined ? [] : [{ ...one, line: first + index }];
    });
    if (rule === undefined || found.length > 0) return found;
    // It stands in no single line.
    return [{ rule, place: placeOf(parsed(lines[0] as string)), line: first }];
  }

  #beginBody(beginning: string): void {
    this.#gathered = { beginning, lines: [], length: 0 };
    this.#bodyEnd = '';
    this.#writtenEnd = '';
  }

  #inBody({ text, written }: BodyText): string | undefined {
    const joined = this.#bodyEnd + text;
    const whole = this.#writtenEnd + written;
    this.#bodyEnd = joined.slice(-bodyOverlap);
    this.#writtenEnd = whole.slice(-overlap64);
    return (
      this.#inText(joined, true) ??
      this.#acrossEvents(joined) ??
      this.#inWritten(whole) ??
      this.#inWritten(this.#gathered.beginning)
    );
  }

  /** In the text of a line as it stands in the file, which may be damaged. */
  #inWritten(line: string): string | undefined {
    return this.#knownRule(line) ?? (holdsShape(line) ? 'credential' : undefined);
  }

  /** The first secret in a line. A long text stands in several parts, a line each. */
  #inLine(line: string): FoundSecret | undefined {
    const json = parsed(line);
    const place = placeOf(json);
    const piece = line.startsWith('{"json":"') ? pieceOf(json) : '';
    const before = this.#before;
    this.#before = piece.slice(-overlap64);
    if (isNext64(before, piece)) {
      const rule = this.#inText(before + piece, true) ?? this.#knownRule(line);
      return rule === undefined ? undefined : { rule, place };
    }
    const found = this.#inPart(json, place, '');
    if (found !== undefined) return found;
    const joint = before === '' || piece === '' ? '' : before.slice(-overlap) + piece.slice(0, overlap);
    const rule = this.#inWritten(line) ?? (joint === '' ? undefined : this.#inText(joint, true));
    return rule === undefined ? undefined : { rule, place };
  }

  #inPart(json: Json, place: string, path: string): FoundSecret | undefined {
    if (typeof json === 'string') {
      const rule = this.#inText(json, !structural.has(path));
      return rule === undefined ? undefined : { rule, place: path === '' ? place : `${place}, ${path}` };
    }
    if (typeof json !== 'object' || json === null) return undefined;
    const isList = Array.isArray(json);
    for (const [key, item] of Object.entries(json)) {
      const below = isList ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
      const found =
        (isList ? undefined : this.#inField(key, item as Json, place, below)) ??
        this.#inPart(item as Json, place, below);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** A key may be a secret, and the name of one. */
  #inField(key: string, item: Json, place: string, path: string): FoundSecret | undefined {
    const rule = this.#inText(key, true);
    if (rule !== undefined) return { rule, place: `${place}, a key` };
    if (typeof item !== 'string' || item === '') return undefined;
    const kind = credentialKind(key, item, 'field');
    if (kind === undefined) return undefined;
    const found = this.#ruleThat((marker) => redactNamed(kind, item, marker), false);
    return found === undefined ? undefined : { rule: found, place: `${place}, ${path}` };
  }

  /** `isValue`: a text of the run, and not the line around it, in which digests and times look like anything. */
  #inText(text: string, isValue: boolean): string | undefined {
    const rule = this.#ruleThat((marker) => redactText(text, marker), isValue);
    return rule ?? (bodies64(text).some(holdsShape) ? 'credential' : undefined);
  }

  #acrossEvents(text: string): string | undefined {
    let isChanged = false;
    const rule = this.#ruleThat((marker) => {
      isChanged = redactEvents(text, { ...marker, known: this.#known }) !== text;
    }, true);
    return rule ?? (isChanged ? 'known' : undefined);
  }

  /** The rule by which a redaction would mark something. */
  #ruleThat(redact: (marker: Marker) => void, isValue: boolean): string | undefined {
    let rule: string | undefined;
    const { detectors, finders } = this.#rules;
    redact({
      keepsParts: true,
      detect: isValue && detectors.length + finders.length > 0 ? { detectors, finders } : undefined,
      mark(kind, found) {
        // A mark beside other text, where the items of a list are looked at as one.
        if (!isMarked(found) && found.search(marksInText) < 0) rule ??= kind;
        return found;
      },
      // Also of what stands encoded in the text.
      finish: (given) => {
        rule ??= this.#knownRule(given);
        return given;
      },
    });
    return rule;
  }

  /** The rule of the first secret in a text that is one wherever it stands. */
  #knownRule(text: string): string | undefined {
    let rule: string | undefined;
    this.#known.find(text, (_start, _end, found) => {
      rule ??= found;
    });
    return rule;
  }
}

/** The text of a part; empty if it holds no text. */
function pieceOf(json: Json): string {
  const { part, json: piece } = json as { readonly [key: string]: Json };
  return typeof part === 'string' && typeof piece === 'string' ? piece : '';
}

/** Whether a piece continues the body in base64 that the one before ends in. */
function isNext64(before: string, piece: string): boolean {
  return piece !== '' && isInBody64(before + piece.charAt(0), before.length, before.length + 1);
}

const bodyEnding = '"}';
const wholeLineEnding = '\\n"}';
const bodyField = '","kind":"body","text":"';

/** What a line of a body begins with, up to its text; empty for any other line. */
function bodyBeginning(line: string): string {
  if (!line.startsWith('{"at":"') || !line.endsWith(bodyEnding)) return '';
  const end = line.indexOf('"', '{"at":"'.length);
  return line.startsWith(bodyField, end) ? line.slice(0, end + bodyField.length) : '';
}

interface BodyText {
  readonly text: string;
  /** The same with its escapes. */
  readonly written: string;
}

/** The text of the lines of a body; undefined if one is damaged. */
function textOf(beginning: string, lines: readonly string[]): BodyText | undefined {
  let written = '';
  for (const line of lines) written += line.slice(beginning.length, -bodyEnding.length);
  try {
    return { text: JSON.parse(`"${written}"`) as string, written };
  } catch {
    return undefined;
  }
}

/** Marks have the shapes of what they replace. */
function holdsShape(text: string): boolean {
  if (!hasShape(text)) return false;
  let isHeld = false;
  replaceShapes(text, (_kind, found) => {
    isHeld ||= !isMarked(found);
    return found;
  });
  return isHeld;
}

/** Fields of a line that hold digests and keys, which look like anything. */
const structural: ReadonlySet<string> = new Set(['at', 'part', 'digest', 'fingerprint', 'seed', 'reprise']);

/** A file may be damaged, and hold a secret all the same. */
function parsed(line: string): Json {
  try {
    return JSON.parse(line) as Json;
  } catch {
    return line;
  }
}

function placeOf(json: Json): string {
  if (typeof json !== 'object' || json === null) return 'a damaged line';
  const { reprise, at, kind, node, name, part } = json as { readonly [key: string]: Json };
  if (reprise !== undefined) return 'the header';
  if (part !== undefined) return `part ${String(part)}`;
  const what = [at === '' ? 'the run' : at, kind, name ?? node].filter((word) => typeof word === 'string');
  return what.length === 0 ? 'the end of a block' : what.join(' ');
}

const encodedLengthMin = 8;

/** Forms in which a secret stands inside of something else that was encoded as a whole. */
function encodedForms(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const cores = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const start = Math.ceil((offset * 8) / 6);
    return encoded.slice(start, Math.floor(((offset + bytes.length) * 8) / 6));
  });
  const forms = [...cores, bytes.toString('hex'), bytes.toString('hex').toUpperCase(), encodeURIComponent(secret)];
  return [...forms, ...cores.map((core) => core.replaceAll('+', '-').replaceAll('/', '_'))].filter(
    (form) => form.length >= encodedLengthMin,
  );
}

/** @throws always */
export function refuseSecret({ rule, place }: FoundSecret, of: string): never {
  const what = rule === 'known' ? 'a value that was redacted elsewhere' : `a secret (${rule})`;
  throw new RepriseError('secret-found', `${of} would hold ${what}: ${place}`, {
    nextStep: place.endsWith(', observed.runId')
      ? 'Export the run under another ID: `--as <id>`, or `as` of `exportRunTo`. IDs are names, and are not redacted.'
      : 'Redact it: name its place in `redact.paths`, or find it with a function in `redact.values`.',
    fields: { rule, place },
  });
}
