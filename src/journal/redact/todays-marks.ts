// Marks for what today's code does in a replay. What it was given holds marks already, so what is found here is a value that it
// has of itself. Nothing says which of the recorded ones that is, but the same one has the same number wherever it stands.
//   T1. A number of today's begins with a zero, as no recorded one does: `[redacted:email#03]`.
import type { Value } from '../../base/value.ts';
import { inAddress, isMark } from './mark.ts';
import { ComparedMarks } from './redaction-marks.ts';
import type { SecretDigits } from './redaction-marks.ts';
import type { RedactionRules } from './rule/redaction-rules.ts';

/** What stands for a value of today's in the place of its mark. */
export type Shown = (value: number, of: { readonly kind: string; readonly found: string }) => string;

const todays = /\[redacted:([a-z][\w-]*)(#|%23)0(\d+)\]/g;

export class TodaysMarks extends ComparedMarks {
  readonly #numbers = new Map<string, number>();
  readonly #found = new Map<number, string>();
  #shown: Shown | undefined;

  constructor(rules: RedactionRules) {
    super('own', { ...rules, texts: [] });
    this.learnTexts(rules);
  }

  /** What is redacted meanwhile has something else in the place of its marks. */
  showing<Result>(shown: Shown, redact: () => Result): Result {
    this.#shown = shown;
    try {
      return redact();
    } finally {
      this.#shown = undefined;
    }
  }

  override mark(kind: string, found: string): string {
    const mark = super.mark(kind, found);
    return isMark(found) ? mark : this.#withShown(mark);
  }

  override finish(text: string): string {
    return this.#withShown(super.finish(text));
  }

  /** No number is a mark of today's. */
  override numberOf(kind: string, found: number | bigint): Value {
    return this.mark(kind, String(found));
  }

  protected override ofDigits({ family }: SecretDigits, found: number | bigint): Value {
    return this.mark(family, String(found));
  }

  /** The number of a text, which is not looked for elsewhere by that. */
  ownNumberOf(found: string): number {
    const known = this.#numbers.get(found);
    if (known !== undefined) return known;
    const own = this.#numbers.size + 1;
    this.#numbers.set(found, own);
    this.#found.set(own, found);
    return own;
  }

  protected override textOf(kind: string, number: number, found: string): string {
    return super.textOf(kind, number, found).replace(']', `#0${this.ownNumberOf(found)}]`);
  }

  #withShown(text: string): string {
    const shown = this.#shown;
    if (shown === undefined || !text.includes('[redacted:')) return text;
    return text.replace(todays, (_mark, kind: string, sign: string, digits: string) => {
      const value = Number(digits);
      const instead = shown(value, { kind, found: this.#found.get(value) ?? '' });
      return sign === '#' ? instead : inAddress(instead);
    });
  }
}
