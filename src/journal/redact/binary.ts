// Secrets in bytes. A text in bytes is redacted as a text, and what is packed with gzip is unpacked, redacted and packed again.
// In any other bytes something may count them, so a mark takes exactly as many as what it replaces; and a name that announces
// a credential stands there by chance, unless text follows it.
import { crc32, gunzipSync, gzipSync } from 'node:zlib';
import { RepriseError } from '../../base/error.ts';
import { frozenBytes } from '../../base/value.ts';
import type { KnownSecrets } from './find/known-secrets.ts';
import { isMark } from './mark.ts';
import type { Marker } from './redact-text.ts';

const unpackedBytesMax = 16 * 1024 * 1024;

export function redactBytes(
  bytes: Uint8Array,
  marker: Marker,
  redact: (text: string, marker: Marker) => string,
): Uint8Array {
  const unpacked = unpackedBytes(bytes);
  if (unpacked !== undefined) {
    const redacted = redactBytes(unpacked, marker, redact);
    return redacted === unpacked ? bytes : frozenBytes(gzipSync(redacted));
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isText = !buffer.includes(0) && !buffer.toString().includes('\ufffd');
  const text = buffer.toString(isText ? 'utf8' : 'latin1');
  const redacted = redact(text, isText ? marker : fitting(marker));
  if (redacted === text) return bytes;
  if (!isText && (redacted.length !== text.length || hasChecksum(buffer))) throw unfitError();
  return frozenBytes(Buffer.from(redacted, isText ? 'utf8' : 'latin1'));
}

function unpackedBytes(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return undefined;
  try {
    return gunzipSync(bytes, { maxOutputLength: unpackedBytesMax });
  } catch {
    return undefined;
  }
}

const fittingLengthMin = 10;

/** What bytes, a character each, begin with that is text. */
const textAtBegin =
  /^(?:[\t\n\r\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})*/;
/** Fewer bytes look like text by chance, and a shorter cookie is a setting. */
const textLengthMin = 6;

function fitting(marker: Marker): Marker {
  const { known, wholes } = marker;
  return {
    ...(marker.detect === undefined ? {} : { detect: marker.detect }),
    ...(known === undefined ? {} : { known }),
    mark(kind, found) {
      const [text] = textAtBegin.exec(found) as unknown as [string];
      if (text.length < Math.min(found.length, textLengthMin)) return found;
      if (kind === 'cookie' && found.length < textLengthMin) return found;
      const mark = marker.mark(kind, text);
      return (
        (mark.length === text.length || isMark(text) ? mark : fitted(mark, text.length)) + found.slice(text.length)
      );
    },
    begin: (text) => (wholes === undefined ? text : withFitted(text, wholes)),
    finish: (text) => (known === undefined ? text : withFitted(text, known)),
  };
}

function withFitted(text: string, secrets: KnownSecrets): string {
  let finished = '';
  let copied = 0;
  secrets.find(text, (start, end, mark) => {
    finished += text.slice(copied, start) + fitted(mark, end - start);
    copied = end;
  });
  return copied === 0 ? text : finished + text.slice(copied);
}

function fitted(mark: string, length: number): string {
  if (mark.length === length) return mark;
  const [last = '0'] = /\d+(?=\D*$)/.exec(mark) ?? [];
  // The number of a value of today's code (todays-marks.ts) must not look like one of the run.
  const number = mark.startsWith('[redacted:') && last.startsWith('0') ? '0' : last;
  const room = length - 'redacted0'.length;
  if (length < fittingLengthMin || number.length > room) throw unfitError();
  return `redacted0${number.padStart(room, '0')}`;
}

/** The frames of AWS event streams hold sums of their bytes. */
function hasChecksum(bytes: Buffer): boolean {
  return bytes.byteLength >= 16 && bytes.readUInt32BE(8) === crc32(bytes.subarray(0, 8));
}

/** The caller says where. */
function unfitError(): RepriseError {
  return new RepriseError('secret-found', 'binary data holds a secret, and no mark fits in its place', {
    nextStep: 'Decode it in the node and keep what it decodes to, or name the value in `redact.paths`.',
  });
}
