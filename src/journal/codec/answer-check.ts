// Checks what an entry holds of an HTTP answer besides its outcome.
import { MalformedValue } from '../../base/encode.ts';
import type { Value } from '../../base/value.ts';
import { credentialKinds } from '../redact/credential/credential-kind.ts';
import { encodings, pathLengthMax, repeatedCountMax, repeatedLengthMin } from '../redact/find/repeated-credentials.ts';
import { count, list, oneOf, record, text } from './checked-value.ts';
import type { Fields } from './checked-value.ts';

const kinds = [...credentialKinds];

/** @throws MalformedValue */
export function checkAnswer({ statusText, headers, url, trailers, encoding, interim, apart, repeats }: Fields): void {
  if (repeats !== undefined) checkRepeats(list(repeats, 'observed.answer.repeats'));
  if (apart !== undefined) checkRuns(apart, 'observed.answer.apart');
  for (const fact of [statusText, url, encoding]) if (fact !== undefined) text(fact, 'a fact of an answer');
  checkHeaders(headers);
  if (trailers !== undefined) checkHeaders(trailers);
  if (interim === undefined) return;
  for (const each of list(interim, 'interim answers')) {
    const answer = record(each, 'an interim answer');
    count(answer.status, 'the status of an interim answer');
    text(answer.statusText, 'the status text of an interim answer');
    checkHeaders(answer.headers);
  }
}

/** A place is used to read with, so it must be one, but it need not be in the answer. */
function checkRepeats(repeats: readonly Value[]): void {
  if (repeats.length > repeatedCountMax) throw new MalformedValue('an answer repeats too many credentials');
  for (const repeat of repeats) {
    const place = record(repeat, 'a repeated credential');
    oneOf(place.kind, kinds, 'kind of a repeated credential');
    if (checkStretch(place, 'a repeated credential') < repeatedLengthMin)
      throw new MalformedValue('a repeated credential is too short');
    const path = list(place.in, 'the way to a repeated credential');
    if (path.length === 0 || path.length > pathLengthMax)
      throw new MalformedValue('the way to a repeated credential is too short or too long');
    for (const step of path) if (typeof step !== 'string') count(step, 'the way to a repeated credential');
    if (place.encoded === undefined) continue;
    const encoded = record(place.encoded, 'an encoded credential');
    oneOf(encoded.as, encodings, 'encoding of a repeated credential');
    checkStretch(encoded, 'an encoded credential');
  }
}

/** Returns how long it is. */
function checkStretch({ start, length }: Fields, what: string): number {
  count(start, `start of ${what}`);
  return count(length, `length of ${what}`);
}

function checkHeaders(headers: Value): void {
  for (const header of list(headers, 'headers')) {
    const [name, value, ...more] = list(header, 'a header');
    if (more.length > 0) throw new MalformedValue('a header is more than a name and a value');
    text(name, 'the name of a header');
    text(value, 'the value of a header');
  }
}

/** @throws MalformedValue */
export function checkRuns(runs: Value, what: string): void {
  for (const run of list(runs, what)) for (const place of list(run, 'a run of parts')) count(place, 'a run of parts');
}
