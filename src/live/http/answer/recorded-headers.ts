// Of the headers of an answer, which are all recorded, those that are compared: code acts on them. All others (dates,
// request ids, headers of proxies) differ in every recording and say nothing about the run.
import type { Pairs } from './answer-record.ts';

const comparedNames = new Set(['content-type', 'location', 'link', 'retry-after', 'retry-after-ms', 'x-should-retry']);
const rateLimit = /^(?:x-|anthropic-)?ratelimit-/;

/** `moreNames`: further names to compare. */
export function comparedHeaders(headers: Pairs, moreNames: readonly string[] = []): Readonly<Record<string, string>> {
  const more = moreNames.length === 0 ? moreNames : moreNames.map((name) => name.toLowerCase());
  const compared: Record<string, string> = {};
  for (const [given, value] of headers) {
    const name = given.toLowerCase();
    if (!comparedNames.has(name) && !isRateLimit(name) && !more.includes(name)) continue;
    compared[name] = compared[name] === undefined ? value : `${compared[name]}, ${value}`;
  }
  return compared;
}

function isRateLimit(name: string): boolean {
  return name.includes('ratelimit-') && rateLimit.test(name);
}

/** Headers that hold a digest of the encoded body. */
const digestNames = new Set(['content-digest', 'digest', 'content-md5', 'x-goog-hash', 'x-amz-checksum-sha256']);

export function hasDigest(headers: Pairs): boolean {
  return headers.some(([name]) => digestNames.has(name.toLowerCase()));
}
