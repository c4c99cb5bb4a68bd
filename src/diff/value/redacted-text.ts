// Compares texts that hold redaction marks. Both sides have been redacted by the same rules, so only the secret that a
// mark stands for is left open.
//   R1. The text beside marks is compared: nothing may stand between them that was not recorded.
//   R2. A mark without a number stands for any secret of its kind, in whatever form that was marked. Marks with numbers are
//       compared like any text.
//   R3. A value that today's code has of itself has a number of its own (journal/redact/todays-marks.ts). Only a judge knows
//       whether it is what a recorded mark stands for; without one it is not.
//   R4. No rule finds what a path named, once it stands elsewhere. It is what stands between the same texts.
import { decodedBase64 } from '../../journal/redact/find/encoded-run.ts';
import { marksInText } from '../../journal/redact/mark.ts';

const marks = /\[redacted:([a-z][\w-]*)(?:(?:#|%23)(\d+))?\]/g;
const plainMark = /\[redacted:([a-z][\w-]*)(?:(?:#|%23)(\d+))?\]/y;
const wholeMark = /^\[redacted:([a-z][\w-]*)#(\d+)\]$/;

/** Marks that keep a form, by their kind (journal/redact/mark.ts). */
const formedMarks: ReadonlyMap<string, RegExp> = new Map([
  ['email', /person(?:-\d+)?@redacted\.invalid/y],
  ['phone', /\+?[ ()./-]*0[\d ()./-]*\d/y],
  ['card', /\d[\d -]*/y],
  ['iban', /XX\d\d[\d ]*\d/y],
]);
const anyForm =
  /person(?:-\d+)?@redacted\.invalid|[\w.:-]{0,24}?(?:redacted|REDACTED)\.?0\d+|0{8}-0000-4000-8000-\d{12}|0\d+/y;

/** Decides what values of today's code stand for. */
export interface MarkJudge {
  /** `value`: the number of one that the code has of itself. */
  isSame(mark: string, value: number): boolean;
  /** The number of a text that no rule finds; undefined if a mark of that form is one that a rule finds again. */
  readonly numberOf?: ((found: string, mark: string) => number | undefined) | undefined;
  /** Takes back what was decided on the way to a comparison that fails. */
  ifSame(compare: () => boolean): boolean;
}

/** Whether two texts are the same but for what lies under the marks. */
export function sameBesideMarks(recorded: string, replayed: string, judge?: MarkJudge): boolean {
  if (recorded === replayed) return true;
  const compare = (...texts: readonly [string, string]): boolean =>
    judge === undefined ? sameText(...texts) : judge.ifSame(() => sameText(...texts, judge));
  if (compare(recorded, replayed) || compare(...decoded(recorded, replayed))) return true;
  return withoutEscapes(recorded, replayed).some(([left, right]) => {
    const marked = withMarksBetween(left, right, judge);
    return marked !== undefined && compare(left, marked);
  });
}

/** As they are, and decoded where a mark stands in an address as any other text does. */
function withoutEscapes(...texts: [string, string]): readonly [string, string][] {
  if (!/%5Bredacted%3A/i.test(texts[0])) return [texts];
  return [texts, texts.map(asWritten) as [string, string]];
}

/** Marks of what a path named or was scrubbed, in the forms that tell nothing but that. */
const placedMark =
  /^(?:\[redacted:(?:path|scrubbed)(?:#|%23)\d+\]|person-\d+@redacted\.invalid|0{8}-0000-4000-8000-\d{12}|redacted0\d+)$/;
const anyMark =
  /\[redacted:[a-z][\w-]*(?:(?:#|%23)\d+)?\]|person-\d+@redacted\.invalid|0{8}-0000-4000-8000-\d{12}|\bredacted0\d+/g;

/**
 * The replayed text with numbers for what stands where the recorded one has such marks; undefined if another text surrounds it.
 */
function withMarksBetween(recorded: string, replayed: string, judge: MarkJudge | undefined): string | undefined {
  const marksOfRecorded = [...recorded.matchAll(anyMark)];
  if (judge?.numberOf === undefined || !marksOfRecorded.some(([mark]) => placedMark.test(mark))) return undefined;
  let marked = '';
  let at = 0;
  let literal = 0;
  /** The mark whose value begins at this place. */
  let open: string | undefined;
  for (const { index, 0: next } of [...marksOfRecorded, { index: recorded.length, 0: '' }]) {
    const between = recorded.slice(literal, index);
    const isPlaced = placedMark.test(next);
    const place = open === undefined ? at : placeOf(between, replayed, { at, next, isPlaced });
    if (!replayed.startsWith(between, place) || (open !== undefined && place <= at)) return undefined;
    if (open !== undefined) {
      const own = ownMark(open, replayed.slice(at, place), judge.numberOf);
      if (own === undefined) return undefined;
      marked += own;
    }
    marked += between;
    at = place + between.length;
    literal = index + next.length;
    open = isPlaced ? next : undefined;
    if (isPlaced || next === '') continue;
    // A rule has found what stands there, today as well.
    plainMark.lastIndex = at;
    const [todays] = plainMark.exec(replayed) ?? [];
    if (todays === undefined) return undefined;
    marked += todays;
    at += todays.length;
  }
  return at === replayed.length ? marked : undefined;
}

interface After {
  readonly at: number;
  readonly next: string;
  readonly isPlaced: boolean;
}

/** Where the text behind a value begins. */
function placeOf(between: string, replayed: string, { at, next, isPlaced }: After): number {
  if (next === '') return replayed.length - between.length;
  return replayed.indexOf(isPlaced ? between : `${between}[redacted:`, at + 1);
}

/** What is compared with a recorded mark: the mark itself, where the code was given it and passes it on. */
function ownMark(mark: string, found: string, numberOf: NonNullable<MarkJudge['numberOf']>): string | undefined {
  if (found === mark) return mark;
  const isInAddress = mark.includes('%23');
  const number = numberOf(isInAddress ? asWritten(found) : found, mark);
  return number === undefined ? undefined : `[redacted:${kindOf(mark)}${isInAddress ? '%23' : '#'}0${number}]`;
}

function kindOf(mark: string): string {
  return mark.startsWith('person') ? 'email' : (/^\[redacted:([a-z]+)/.exec(mark)?.[1] ?? 'path');
}

function asWritten(inAddress: string): string {
  try {
    return decodeURIComponent(inAddress.replaceAll('+', ' '));
  } catch {
    return inAddress;
  }
}

/** A number that was replaced by another one, and the mark of the one that the code has. */
export function sameNumber(recorded: number | bigint, replayed: string, judge: MarkJudge | undefined): boolean {
  const [, kind, number = ''] = wholeMark.exec(replayed) ?? [];
  if (judge === undefined || kind === undefined || recorded < 1 || !Number.isInteger(Number(recorded))) return false;
  return isTodays(number) && judge.isSame(`[redacted:${kind}-number#${recorded}]`, Number(number));
}

/** With what stands in base64 and holds marks as it is. */
function decoded(...texts: [string, string]): [string, string] {
  return texts.map((text) => decodedBase64(text, (inner) => inner.search(marksInText) >= 0)) as [string, string];
}

function sameText(recorded: string, replayed: string, judge?: MarkJudge): boolean {
  if (!recorded.includes('[redacted:') && !replayed.includes('[redacted:')) return false;
  let at = 0;
  let literal = 0;
  for (const mark of replayed.matchAll(marks)) {
    const between = replayed.slice(literal, mark.index);
    if (!recorded.startsWith(between, at)) return false;
    const end = endOfMark(recorded, at + between.length, mark[1] as string, mark[2], judge);
    if (end === undefined) return false;
    at = end;
    literal = mark.index + mark[0].length;
  }
  return recorded.slice(at) === replayed.slice(literal);
}

function endOfMark(
  recorded: string,
  at: number,
  kind: string,
  number: string | undefined,
  judge: MarkJudge | undefined,
): number | undefined {
  plainMark.lastIndex = at;
  const plain = plainMark.exec(recorded);
  const isOwn = number !== undefined && isTodays(number);
  // What had the form of a word may be a credential of any kind.
  if (plain !== null && (plain[1] === kind || kind === 'credential')) {
    const [mark, , other] = plain;
    const isSame =
      isOwn && !(other !== undefined && isTodays(other))
        ? (judge?.isSame(mark, Number(number)) ?? other === undefined)
        : other === undefined || number === undefined || other === number;
    return isSame ? at + mark.length : undefined;
  }
  if (number !== undefined && !isOwn) return undefined;
  const form = formedMarks.get(kind) ?? anyForm;
  form.lastIndex = at;
  const [formed] = form.exec(recorded) ?? [];
  if (formed === undefined || (isOwn && judge?.isSame(formed, Number(number)) !== true)) return undefined;
  return at + formed.length;
}

/** No recorded mark has a number that begins with a zero. */
function isTodays(number: string): boolean {
  return number.startsWith('0');
}
