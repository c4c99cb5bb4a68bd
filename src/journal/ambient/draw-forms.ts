// The texts that code makes of what it draws: ids, tokens, nonces.
import type { Value } from '../../base/value.ts';

export interface DrawForm {
  readonly text: string;
  /** Whether code cuts ids out of it. */
  readonly isCut: boolean;
}

/** The texts that code makes of a random value, in the same order for every value of the same form. */
export function formsOf(value: Value): readonly DrawForm[] {
  if (typeof value === 'number') return [{ text: String(value), isCut: false }];
  if (typeof value === 'string') return [value, value.toUpperCase(), value.replaceAll('-', '')].map(cut);
  if (!(value instanceof Uint8Array)) return [];
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const hex = bytes.toString('hex');
  return [
    { text: bytes.toString('latin1'), isCut: false },
    ...[hex, hex.toUpperCase(), bytes.toString('base64'), bytes.toString('base64url'), nanoText(bytes)].map(cut),
    ...uuidsOf(bytes).map(cut),
  ];
}

const cut = (text: string): DrawForm => ({ text, isCut: true });

/** The alphabet of the package nanoid, which takes each id out of a store of random bytes. */
const nanoAlphabet = 'useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict';

function nanoText(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) text += nanoAlphabet[byte & 63];
  return text;
}

const uuidBytes = 16;
const uuidStoreMax = 256;

/** Libraries make UUIDs of every 16 bytes that they have drawn. */
function uuidsOf(bytes: Buffer): readonly string[] {
  if (bytes.byteLength % uuidBytes !== 0 || bytes.byteLength > uuidStoreMax) return [];
  const uuids: string[] = [];
  for (let start = 0; start < bytes.byteLength; start += uuidBytes) {
    const drawn = bytes.subarray(start, start + uuidBytes);
    const uuid = uuidV4(drawn);
    uuids.push(uuid, uuid.replaceAll('-', ''), ...uuidV7Endings(drawn));
  }
  return uuids;
}

function uuidV4(drawn: Buffer): string {
  const own = Buffer.from(drawn);
  own[6] = ((own[6] as number) & 0x0f) | 0x40;
  own[8] = ((own[8] as number) & 0x3f) | 0x80;
  return uuidText(own);
}

/** What follows the time in a version-7 UUID of the package uuid: a sequence number, in two ways, and the last bytes. */
function uuidV7Endings(drawn: Buffer): readonly string[] {
  const [high, ...low] = drawn.subarray(6, 10) as unknown as readonly [number, number, number, number];
  const rest = (low[0] << 16) | (low[1] << 8) | low[2];
  return [((high & 0x7f) << 24) | rest, (high << 23) | rest].map((sequence) => {
    const own = Buffer.from(drawn);
    own[6] = 0x70 | ((sequence >>> 28) & 0x0f);
    own[7] = (sequence >>> 20) & 0xff;
    own[8] = 0x80 | ((sequence >>> 14) & 0x3f);
    own[9] = (sequence >>> 6) & 0xff;
    own[10] = ((sequence << 2) & 0xff) | ((drawn[10] as number) & 0x03);
    return uuidText(own).slice(uuidTimeLength);
  });
}

const uuidTimeLength = '00000000-0000-'.length;

function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
