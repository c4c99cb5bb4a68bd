// Compares texts that hold redaction marks. Both sides have been redacted by the same rules, so only the secret that a
// mark stands for is left open.
//   R1. The text beside marks is compared: nothing may stand between them that was not recorded.
//   R2. A mark without a number stands for any secret of its kind, in whatever form that was marked. Marks with numbers are
//       compared like any text.
import { decodedBase64 } from '../journal/redact/find/encoded-run.ts';
import { marksInText } from '../journal/redact/mark.ts';

const marks = /\[redacted:([a-z][\w-]*)(?:(?:#|%23)(\d+))?\]/g;
const plainMark = /\[redacted:([a-z][\w-]*)(?:(?:#|%23)(\d+))?\]/y;

/** Marks that keep a form, by their kind (journal/redact/mark.ts). */
const formedMarks: ReadonlyMap<string, RegExp> = new Map([
  ['email', /person(?:-\d+)?@redacted\.invalid/y],
  ['phone', /\+?[ ()./-]*0[\d ()./-]*\d/y],
  ['card', /\d[\d -]*/y],
  ['iban', /XX\d\d[\d ]*\d/y],
]);
const anyForm =
  /person(?:-\d+)?@redacted\.invalid|[\w.:-]{0,24}?(?:redacted|REDACTED)0\d+|0{8}-0000-4000-8000-\d{12}|0\d+/y;

/** Whether two texts are the same but for what lies under the marks. */
export function sameBesideMarks(recorded: string, replayed: string): boolean {
  return recorded === replayed || sameText(recorded, replayed) || sameText(...decoded(recorded, replayed));
}

/** With what stands in base64 and holds marks as it is. */
function decoded(...texts: [string, string]): [string, string] {
  return texts.map((text) => decodedBase64(text, (inner) => inner.search(marksInText) >= 0)) as [string, string];
}

function sameText(recorded: string, replayed: string): boolean {
  if (!recorded.includes('[redacted:') && !replayed.includes('[redacted:')) return false;
  let at = 0;
  let literal = 0;
  for (const mark of replayed.matchAll(marks)) {
    const between = replayed.slice(literal, mark.index);
    if (!recorded.startsWith(between, at)) return false;
    const end = endOfMark(recorded, at + between.length, mark[1] as string, mark[2]);
    if (end === undefined) return false;
    at = end;
    literal = mark.index + mark[0].length;
  }
  return recorded.slice(at) === replayed.slice(literal);
}

function endOfMark(recorded: string, at: number, kind: string, number: string | undefined): number | undefined {
  plainMark.lastIndex = at;
  const plain = plainMark.exec(recorded);
  // What had the form of a word may be a credential of any kind.
  if (plain !== null && (plain[1] === kind || kind === 'credential')) {
    const isSame = plain[2] === undefined || number === undefined || plain[2] === number;
    return isSame ? at + plain[0].length : undefined;
  }
  if (number !== undefined) return undefined;
  const form = formedMarks.get(kind) ?? anyForm;
  form.lastIndex = at;
  const formed = form.exec(recorded);
  return formed === null ? undefined : at + formed[0].length;
}
