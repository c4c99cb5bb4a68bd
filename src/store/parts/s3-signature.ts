// Signature version 4 of Amazon, as servers that speak S3 ask for it.
import { createHash, createHmac } from 'node:crypto';

export interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

export interface SignedRequest {
  readonly method: string;
  /** Its path is signed as it stands. */
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The SHA-256 of the body. */
  readonly payload: string;
}

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** A path as it is signed and sent: all but unreserved characters are escaped. */
export function signedPath(path: string): string {
  return encodeURIComponent(path)
    .replaceAll('%2F', '/')
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** `time`: as 20130524T000000Z. Returns the header `authorization`. */
export function authorization(
  { method, url, headers, payload }: SignedRequest,
  keys: SigningKeys,
  time: string,
): string {
  const all = { ...headers, host: url.host };
  const names = Object.keys(all).sort() as (keyof typeof all)[];
  const signed = names.join(';');
  const lines = names.map((name) => `${name}:${String(all[name]).trim()}\n`).join('');
  const query = [...url.searchParams]
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .sort()
    .join('&');
  const canonical = [method, url.pathname, query, lines, signed, payload].join('\n');
  const day = time.slice(0, 8);
  const scope = `${day}/${keys.region}/s3/aws4_request`;
  const secret = [day, keys.region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${keys.secretAccessKey}`);
  const signature = hmac(secret as Buffer, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n'));
  return `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature.toString('hex')}`;
}
