// The marks in what a replay gives to the code: its input, recorded answers, edits. Code that passes one on writes it as it is.
//   G1. Nearly no replay asks for them, so nothing is searched before one does. What was given in earlier steps is read again
//       then, and is not kept.
import { errorParts } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { redactBase64 } from '../../journal/redact/find/encoded-run.ts';
import { redactEscaped } from '../../journal/redact/find/escaped-text.ts';
import { textsInEvents } from '../../journal/redact/find/split-text.ts';
import { isRecordValue } from '../../journal/record-value.ts';

/** What was given in a step. */
export interface Given {
  readonly step: number;
  readonly value: Value;
}

/** Marks in any form but that of words, and some of what looks like one. */
const candidate =
  /\[redacted:[a-z][\w-]*(?:#|%23)\d+\]|person-\d+@redacted\.invalid|XX\d\d[\d ]*\d|\+?[ ()./-]*0(?:[ ()./-]*0){2}[\d ()./-]*\d|0{8}-0000-4000-8000-\d{12}/g;
const word = /(?:redacted|REDACTED)\.?0\d+/g;
const prefixLengthMax = 24;
const layersMax = 3;

export class GivenMarks {
  /** Marks of later steps do not count. */
  until = Number.POSITIVE_INFINITY;
  readonly #earlier: () => Iterable<Given>;
  /** By the step in which it was given first. */
  readonly #found = new Map<string, number>();
  #pending: Given[] = [];
  #isAsked = false;
  #step = 0;

  /** `earlier` reads what was given in the steps that are over. */
  constructor(earlier: () => Iterable<Given> = () => []) {
    this.#earlier = earlier;
  }

  add(value: Value, step = 0): void {
    this.#pending.push({ step, value });
  }

  /** A step is over. */
  forget(step: number): void {
    if (this.#isAsked) this.#settle();
    else this.#pending = this.#pending.filter((given) => given.step > step);
  }

  has(mark: string): boolean {
    if (!this.#isAsked) {
      this.#isAsked = true;
      for (const given of this.#earlier()) this.#search(given);
    }
    this.#settle();
    for (const [found, step] of this.#found) if (step <= this.until && found.includes(mark)) return true;
    return false;
  }

  #settle(): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const given of pending) this.#search(given);
  }

  #search({ step, value }: Given): void {
    this.#step = step;
    this.#inValue(value);
  }

  #inValue(value: Value): void {
    if (typeof value === 'string') this.#inText(value, 0);
    else if (typeof value !== 'object' || value === null) return;
    else if (value instanceof Uint8Array) this.#inText(Buffer.from(value).toString('latin1'), 0);
    else if (value instanceof Map) for (const pair of value) this.#inValue(pair as unknown as Value);
    else if (value instanceof Set || Array.isArray(value)) {
      for (const item of value) this.#inValue(item as Value);
      // A mark may be spread over the pieces of a text.
      if (Array.isArray(value) && value.length > 1 && value.every((item) => typeof item === 'string'))
        this.#inText(value.join(''), layersMax);
    } else if (value instanceof Error) this.#inValue(errorParts(value) as unknown as Value);
    else if (isRecordValue(value))
      for (const [key, item] of Object.entries(value)) {
        this.#inText(key, 0);
        this.#inValue(item);
      }
  }

  #inText(text: string, layer: number): void {
    for (const [found] of text.matchAll(candidate)) this.#keep(found.replace('%23', '#'));
    for (const { index, 0: found } of text.matchAll(word)) {
      const before = text.slice(Math.max(0, index - prefixLengthMax), index);
      this.#keep((/[\w.:-]*$/.exec(before)?.[0] ?? '') + found);
    }
    if (layer === layersMax) return;
    for (const joined of textsInEvents(text)) this.#inText(joined, layersMax);
    const within = (decoded: string): string => {
      this.#inText(decoded, layer + 1);
      return decoded;
    };
    redactBase64(text, within);
    redactEscaped(text, within);
  }

  #keep(mark: string): void {
    const step = this.#found.get(mark);
    if (step === undefined || step > this.#step) this.#found.set(mark, this.#step);
  }
}
