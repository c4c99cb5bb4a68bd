// The marks of one run: what stands for which of its secrets, and what was learned of them.
import { frozenBytes } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { credentialMark, inPieces, isMarked, withoutWords } from './credential-mark.ts';
import type { PiecedCredential } from './credential-mark.ts';
import type { CleanTexts } from './clean-texts.ts';
import { credentialKinds } from './credential/credential-kind.ts';
import type { CredentialKind } from './credential/credential-kind.ts';
import { shapeKind } from './credential-shape.ts';
import { CutSecrets } from './find/cut-secrets.ts';
import { redactBase64 } from './find/encoded-run.ts';
import { KnownSecrets, knownLengthMin } from './find/known-secrets.ts';
import type { Reach } from './find/known-secrets.ts';
import { formsOf, reachOf } from './found-forms.ts';
import { formedMark, isMark, lookOf, numberMark, secretDigits, withoutNumbers, writtenNumber } from './mark.ts';
import { redactDetected, redactGiven, redactText } from './redact-text.ts';
import type { Marker } from './redact-text.ts';
import { credentialsAlone } from './rule/redaction-rules.ts';
import type { RedactionRules } from './rule/redaction-rules.ts';

/** What replaces secrets, and remembers where there are none. */
export interface Redactor extends Marker {
  /** Objects in which nothing was found. Undefined for what is seen once: remembering it costs more than looking. */
  readonly clean: WeakSet<object> | undefined;
  /** Texts in which nothing was found, where that never changes. */
  readonly cleanTexts?: CleanTexts;
  /** Keeps the number of what a rule found as a number. */
  readonly numberOf?: (kind: string, found: number | bigint) => Value;
  /** What stands for a number that was found as a text; undefined for any other. */
  readonly knownNumber?: (found: number | bigint) => Value;
}

/** In a request a credential is marked by its kind alone. */
export const requestMarks: Marker = { mark: (kind) => `[redacted:${kind}]`, finish: withoutNumbers };

/** What was replaced by which rule, and where. */
export type OnMark = (kind: string) => void;

/** The marks of one run: the same secret gets the same number wherever it stands. */
export class RedactionMarks implements Redactor {
  readonly rules: RedactionRules;
  readonly detect: Marker['detect'];
  readonly keepsParts = true;
  /** Secrets to look for in every further text, since no rule would find them there. */
  readonly known = new KnownSecrets();
  /** Those in which a rule finds another one: once that is replaced, what stands around it is no longer known. */
  readonly wholes = new KnownSecrets();
  readonly #cuts = new CutSecrets();
  /** Called for each mark that is put. */
  onMark: OnMark | undefined;
  /** Paths of rules at which something stood, if only null. */
  readonly reachedPaths = new Set<string>();
  /** Called for each secret that is too short to be told from other text, and is left there. */
  onLeft: ((what: LeftText) => void) | undefined;
  readonly #words = new KnownSecrets();
  /** Values at paths that are no word, but a number or a character: in a text they are more often something else. */
  readonly #short = new KnownSecrets();
  readonly #marks = new Map<string, number>();
  readonly #kinds = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  /** Texts of lists, by their marks. */
  readonly #listed = new Map<string, string>();
  #onLearned: ((mark: string) => void) | undefined;
  /** Numbers that are the digits of a secret. */
  readonly #digits = new Map<number, SecretDigits>();
  readonly #numberBefore: number;
  clean = new WeakSet<object>();

  /** `numberBefore`: the highest number that marks of this run already have, if it was redacted before. */
  constructor(rules: RedactionRules = credentialsAlone, numberBefore = 0) {
    this.rules = rules;
    this.#numberBefore = numberBefore;
    const { detectors, finders } = rules;
    this.detect = detectors.length + finders.length === 0 ? undefined : { detectors, finders };
    this.learnTexts(rules);
  }

  protected learnTexts({ texts }: RedactionRules): void {
    for (const { name, text, isCased } of texts)
      if (text.length >= knownLengthMin)
        this.#listed.set(this.#learn(name, text, isCased ? 'as it is' : 'in any case'), text);
  }

  /** Called with each text of a list that is found somewhere. */
  watchTexts(found: (text: string) => void): void {
    const foundMark = (mark: string): void => {
      const text = this.#listed.get(mark);
      if (text !== undefined) found(text);
    };
    this.known.onFound = foundMark;
    this.wholes.onFound = foundMark;
    this.#onLearned = foundMark;
  }

  /** How many distinct secrets were found. */
  get count(): number {
    return this.#marks.size;
  }

  mark(kind: string, found: string): string {
    // What a rule of a user's names is replaced as a whole.
    const pieced = credentialKinds.has(kind) && !this.#marks.has(found) ? inPieces(found) : undefined;
    if (pieced !== undefined) return this.#inPieces(pieced);
    if (isMark(found)) return this.finish(found);
    this.onMark?.(kind);
    const mark = this.#learn(kind, found);
    this.#onLearned?.(mark);
    return mark;
  }

  #inPieces({ kind, pieces }: PiecedCredential): string {
    const marked = pieces
      .map(({ text, is }) => (is === 'secret' && text !== '' ? this.mark(kind, text) : text))
      .join('');
    return kind === 'jwt' ? redactBase64(marked, (claims) => redactText(claims, this, 1)) : marked;
  }

  #learn(kind: string, found: string, cased: Cased = 'as it is'): string {
    const isCredential = credentialKinds.has(kind);
    const shown = isCredential ? (shapeKind(found) ?? kind) : kind;
    const family = isCredential ? 'credential' : (lookOf(found) ?? kind);
    const one = writtenNumber(family, found);
    let number = this.#marks.get(one);
    if (number === undefined) {
      number = (this.#counts.get(family) ?? this.#numberBefore) + 1;
      this.#counts.set(family, number);
      this.#marks.set(one, number);
      this.#kinds.set(one, kind);
    }
    const isSame = credentialKinds.has(this.#kinds.get(one) ?? kind) === isCredential;
    const mark = this.textOf(isSame ? shown : (this.#kinds.get(one) as string), number, found);
    const looked = isCredential ? formsOf(kind, found) : this.#namedForms(kind, found);
    for (const text of looked) {
      const reach = isCredential ? reachOf(text) : namedReachOf(text);
      if (reach === 'whole') this.#words.add(text, '', 'words');
      this.#know(text, text === found ? mark : mark.trim(), reach, cased);
    }
    this.#learnDigits(family, number, found);
    return mark;
  }

  /** A text that a rule has named, as it is looked for elsewhere. What stands at a path is told from other text by the path. */
  #namedForms(kind: string, found: string): readonly string[] {
    const text = found.trim();
    if (text.length >= knownLengthMin) return [found, text];
    if (kind !== 'path' || !hasWordCharacter.test(text)) return [];
    const isWord = shortWord.test(text);
    if (!isWord) this.#short.add(text, '', 'short words');
    return isWord || text.length > 1 ? [text] : [];
  }

  /** Code that sends a message asks for the digits alone, as a text or as a number. */
  #learnDigits(family: string, number: number, found: string): void {
    const digits = secretDigits(family, found);
    if (digits === undefined) return;
    if (this.known.add(digits, this.textOf(family, number, digits), 'words')) this.clean = new WeakSet();
    if (!digits.startsWith('0')) this.#digits.set(Number(digits), { family, number, digits });
  }

  /** What stands for a number that has the digits of a secret. */
  knownNumber(found: number | bigint): Value {
    const known = found < knownNumberMin ? undefined : this.#digits.get(Number(found));
    if (known === undefined) return undefined;
    this.onMark?.('found elsewhere');
    return this.ofDigits(known, found);
  }

  protected ofDigits({ family, number, digits }: SecretDigits, found: number | bigint): Value {
    return numberMark(Number(formedMark(family, number, digits)), found);
  }

  #know(text: string, mark: string, reach: Reach, cased: Cased): void {
    if (!this.known.add(text, mark, reach, cased)) return;
    this.clean = new WeakSet();
    const within = redactText(text, this.#looking);
    // A store keeps requests without their credentials. The other forms are those in which it must not stay.
    const forms = [within, redactText(text, requestMarks), redactText(within, requestMarks)];
    const others = forms.filter((form) => form !== text && !isMarked(form));
    if (others.length > 0) for (const form of [text, ...others]) this.#knowWhole(form, { mark, reach, cased });
    else if (text.length >= cutLengthMin && text.length <= cutLengthMax) this.#cuts.add(text, mark);
  }

  #knowWhole(text: string, { mark, reach, cased }: { mark: string; reach: Reach; cased: Cased }): void {
    this.known.add(text, mark, reach, cased);
    this.wholes.add(text, mark, reach, cased);
  }

  /** Learns a credential that no rule would find where it stands. */
  learn(kind: CredentialKind, secret: string): void {
    redactGiven(kind, secret, this.#looking);
  }

  /** Learns what stands in a secret, which is secret elsewhere too. */
  get #looking(): Marker {
    return {
      detect: this.detect,
      keepsParts: true,
      mark: (kind, found) => {
        const { onMark } = this;
        this.onMark = undefined;
        const mark = this.mark(kind, found);
        this.onMark = onMark;
        return mark;
      },
      finish: (text) => text,
    };
  }

  /** Whether a secret is left where it stands in the text of something else: a credential that is a short word, one character. */
  get mayLeave(): boolean {
    return !this.#words.isEmpty || !this.#short.isEmpty;
  }

  /** What stands at a path that a rule names. */
  hide(value: Value, paths: readonly string[] = []): Value {
    for (const path of paths) this.reachedPaths.add(path);
    switch (typeof value) {
      case 'string':
        return value === '' ? value : this.mark('path', value);
      case 'number':
      case 'bigint':
        return this.numberOf('path', value);
      case 'boolean':
        this.onMark?.('path');
        return false;
      default:
        break;
    }
    if (value === null) return value;
    this.onMark?.('path');
    if (value instanceof Uint8Array) return frozenBytes(new Uint8Array(value.byteLength));
    return value instanceof Date ? new Date(0) : value;
  }

  numberOf(kind: string, found: number | bigint): Value {
    const known = this.knownNumber(found);
    if (known !== undefined) return known;
    this.onMark?.(kind);
    const text = String(found);
    const key = `number ${text}`;
    let number = this.#marks.get(key);
    if (number === undefined) {
      number = (this.#counts.get('number') ?? 0) + 1;
      this.#counts.set('number', number);
      this.#marks.set(key, number);
      if (text.length >= numberLengthMin) this.#learn(kind, text);
    }
    return numberMark(number, found);
  }

  protected textOf(kind: string, number: number, found: string): string {
    return credentialKinds.has(kind) ? credentialMark(kind, number, found) : formedMark(kind, number, found);
  }

  begin(text: string): string {
    return this.wholes.isEmpty ? text : this.#replaced(this.wholes, text);
  }

  finish(text: string): string {
    if (this.known.isEmpty && this.#short.isEmpty) return text;
    const { onLeft } = this;
    const replaced = this.#replaced(this.known, this.#cuts.replaceIn(text));
    if (onLeft !== undefined) {
      this.#words.find(replaced, () => onLeft('credential'));
      this.#short.find(replaced, () => onLeft('short value'));
    }
    return replaced;
  }

  #replaced(secrets: KnownSecrets, text: string): string {
    const { onMark } = this;
    if (onMark !== undefined) secrets.find(text, () => onMark('found elsewhere'));
    return secrets.replaceIn(text);
  }
}

/** Of a shorter secret too little is left behind what a rule finds of it, and no password is longer. */
const cutLengthMin = 8;
const cutLengthMax = 256;

/** What is left in texts: a credential that is a short word, a value at a path that is shorter still and no word. */
export type LeftText = 'credential' | 'short value';

const hasWordCharacter = /[\p{L}\p{N}]/u;
/** A name such as Jo, O'B or A1. What else is as short may be a part of the text around it: a digit, an opening quote. */
const shortWord = /^\p{L}[\p{L}\p{M}\p{N}'’.-]+$/u;

function namedReachOf(text: string): Reach {
  if (text.length >= knownLengthMin) return 'words';
  return shortWord.test(text) ? 'short words' : 'short whole';
}

type Cased = 'as it is' | 'in any case';

export interface SecretDigits {
  readonly family: string;
  readonly number: number;
  readonly digits: string;
}

const knownNumberMin = 1e7;

/** A shorter number is told from others of its kind by nothing. */
const numberLengthMin = 7;

/**
 * Marks for what is compared with a redacted run: nothing says which of its secrets one is, so they have no number. Marks
 * that the run was given keep theirs, unless they are those of another run.
 */
export class ComparedMarks extends RedactionMarks {
  readonly #given: 'own' | 'of another run';

  constructor(given: 'own' | 'of another run', rules: RedactionRules = credentialsAlone) {
    super(rules);
    this.#given = given;
  }

  override finish(text: string): string {
    const finished = super.finish(text);
    return this.#given === 'own' ? finished : unnumbered(finished);
  }

  protected override textOf(kind: string, _number: number, found: string): string {
    return `[redacted:${credentialKinds.has(kind) ? kind : (lookOf(found) ?? kind)}]`;
  }
}

/** Marks for what a user's rules name alone. Other credentials stay: a resumed run needs them. */
export class NamedMarks extends RedactionMarks {
  override mark(kind: string, found: string): string {
    return credentialKinds.has(kind) ? this.finish(redactDetected(found, this)) : super.mark(kind, found);
  }
}

/** Marks of another run, whose numbers say nothing here. */
function unnumbered(text: string): string {
  if (!/redacted/i.test(text)) return text;
  return withoutWords(text)
    .replace(/\[redacted:([a-z][\w-]*)(?:#|%23)\d+\]/g, '[redacted:$1]')
    .replace(/person-\d+@redacted\.invalid/g, '[redacted:email]');
}
