// Which value of today's code stands for which mark of the recording. The values that the run had are gone, so this is what can
// be known of them:
//   P1. Code that was given a mark and passes it on writes the mark. In its place a value of the code's own is another one.
//   P2. A mark that the code was not given stands for a value that it had of itself when it was recorded, written in it or
//       computed. Which one is not known, so the first that today's code writes there counts, and the report says so.
//   P3. A mark stands for one value in the whole run.
import type { MarkJudge } from '../../diff/value/redacted-text.ts';
import { GivenMarks } from './given-marks.ts';

const credential =
  /^\[redacted:(?:api-key|authorization|basic|bearer|cookie|jwt|password|private-key|secret|signature|token)#/;

export class MarkPairs implements MarkJudge {
  readonly given: GivenMarks;
  /** Values that today's code was given by what nobody recorded. */
  readonly fromOutside = new Set<number>();
  /** How many values were taken for the recorded ones. */
  uncompared = 0;
  readonly #values = new Map<string, number>();
  readonly #marks = new Map<number, string>();
  /** Undoes what was decided, the last first. */
  readonly #decided: (() => void)[] = [];

  readonly numberOf: MarkJudge['numberOf'];

  constructor(given = new GivenMarks(), numberOf?: MarkJudge['numberOf']) {
    this.given = given;
    this.numberOf = numberOf;
  }

  isSame(written: string, value: number): boolean {
    const mark = written.replace('%23', '#');
    if (mark.startsWith('[redacted:') && !mark.includes('#')) return this.#take();
    // Those of credentials are numbered together.
    const key = mark.replace(credential, '[redacted:credential#');
    const known = this.#values.get(key);
    if (known !== undefined) return known === value && this.#take();
    if (this.fromOutside.has(value) || this.given.has(mark)) return false;
    this.#values.set(key, value);
    this.#decided.push(() => this.#values.delete(key));
    if (!this.#marks.has(value)) {
      this.#marks.set(value, mark);
      this.#decided.push(() => this.#marks.delete(value));
    }
    return this.#take();
  }

  #take(): true {
    this.uncompared += 1;
    this.#decided.push(() => {
      this.uncompared -= 1;
    });
    return true;
  }

  ifSame(compare: () => boolean): boolean {
    const before = this.#decided.length;
    const isSame = compare();
    while (!isSame && this.#decided.length > before) this.#decided.pop()?.();
    return isSame;
  }

  /** What was taken for the same in something that is another is not counted. */
  countIfSame(compare: () => boolean): boolean {
    const before = this.uncompared;
    const isSame = compare();
    if (!isSame) this.uncompared = before;
    this.#decided.length = 0;
    return isSame;
  }

  /** The recorded mark of a value. */
  markOf(value: number): string | undefined {
    return this.#marks.get(value);
  }
}
