// Secrets whose beginning alone a rule has found: what a shell, a link or a page ends a value with may stand in a password. The
// mark of that beginning with the rest behind it is the mark of the whole.
//   C1. A store keeps requests as the rules left them, so what stood in the mark is not known. The rest is, and it is long enough
//       to stand nowhere else behind a mark.
import { marksInText } from '../mark.ts';

/** A shorter rest may be other text. */
const restLengthMin = 4;
/** Words that follow a mark are text like any other. */
const restForm = /^(?:[^A-Za-z\d\s]|\s\S*\d)/;
/** In every mark of a credential. */
const markHint = /redacted/i;

interface Rest {
  readonly text: string;
  readonly mark: string;
}

export class CutSecrets {
  /** By their first characters, the longest first. */
  readonly #rests = new Map<string, Rest[]>();

  add(secret: string, mark: string): void {
    for (let index = 1; index <= secret.length - restLengthMin; index += 1)
      if (restForm.test(secret.slice(index))) this.#add({ text: secret.slice(index), mark });
  }

  #add(rest: Rest): void {
    const start = rest.text.slice(0, restLengthMin);
    const rests = this.#rests.get(start) ?? [];
    rests.push(rest);
    rests.sort((left, right) => right.text.length - left.text.length);
    this.#rests.set(start, rests);
  }

  replaceIn(text: string): string {
    if (this.#rests.size === 0 || !markHint.test(text)) return text;
    let replaced = '';
    let copied = 0;
    for (const { index, 0: mark } of text.matchAll(marksInText)) {
      const end = index + mark.length;
      const rest = this.#rests.get(text.slice(end, end + restLengthMin))?.find((one) => text.startsWith(one.text, end));
      if (rest === undefined || index < copied) continue;
      replaced += text.slice(copied, index) + rest.mark;
      copied = end + rest.text.length;
    }
    return copied === 0 ? text : replaced + text.slice(copied);
  }
}
