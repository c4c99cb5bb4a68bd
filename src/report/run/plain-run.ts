// A run as lines of text for a line diff, such as that of git: what is long or nested has lines of its own.
import type { Json } from '../../base/encode.ts';
import { encodeEntry } from '../../journal/codec/entry-codec.ts';
import type { Entry } from '../../journal/entry.ts';
import { effectAddresses } from '../text/effect-addresses.ts';

/** The lines of a step: of what is compared, so that two recordings of one run have the same. */
export function plainLines(entries: readonly Entry[]): readonly string[] {
  const addresses = effectAddresses(entries);
  return entries.flatMap((entry) => {
    const { kind, at, observed: _observed, ...rest } = encodeEntry(entry) as { readonly [key: string]: Json };
    const place = addresses.get(entry) ?? String(at);
    return [`${String(kind)}${place === '' ? '' : ` ${place}`}`, ...linesOf(rest, '  ')];
  });
}

function linesOf(value: { readonly [key: string]: Json }, indent: string): readonly string[] {
  return Object.entries(value).flatMap(([key, item]) => named(`${indent}${key}:`, item, indent));
}

function named(head: string, value: Json, indent: string): readonly string[] {
  const below = `${indent}  `;
  const inside = typeof value === 'string' ? (jsonIn(value) ?? value) : value;
  if (typeof inside === 'string') {
    if (!inside.includes('\n')) return [`${head} ${JSON.stringify(inside)}`];
    return [`${head} |`, ...inside.split('\n').map((line) => `${below}${line}`)];
  }
  if (typeof inside !== 'object' || inside === null || Object.keys(inside).length === 0)
    return [`${head} ${JSON.stringify(inside)}`];
  if (!Array.isArray(inside)) return [head, ...linesOf(inside as { readonly [key: string]: Json }, below)];
  return [head, ...(inside as readonly Json[]).flatMap((item) => named(`${below}-`, item, below))];
}

/** A body that is JSON is read as such. */
function jsonIn(text: string): Json | undefined {
  if (text[0] !== '{' && text[0] !== '[') return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
