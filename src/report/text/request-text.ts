// What was asked for, in words.
import type { Value } from '../../base/value.ts';
import { shortText } from '../../base/short-text.ts';
import { firstDifference } from '../../diff/value/value-difference.ts';
import type { EffectRef } from '../../journal/entry.ts';
import { oneLine } from './plain-text.ts';

/** For example: GET /metrics/web?hours=2, or "model". */
export function requestText({ type, name, request }: Pick<EffectRef, 'type' | 'name' | 'request'>): string {
  if (type !== 'http' || typeof request !== 'object' || request === null) return `"${oneLine(name)}"`;
  const { method, path, query = [] } = request as { readonly [field: string]: unknown };
  const pairs = Array.isArray(query) ? (query as readonly (readonly string[])[]) : [];
  const search = pairs.map((pair) => pair.join('=')).join('&');
  return oneLine(`${String(method)} ${String(path)}${search === '' ? '' : `?${search}`}`);
}

/** The same of two, with what tells them apart if these words do not. */
export function requestTexts(one: EffectRef, other: EffectRef): readonly [string, string] {
  const [first, second] = [requestText(one), requestText(other)];
  const unlike = first === second ? firstDifference(one.request, other.request, '') : undefined;
  if (unlike === undefined) return [first, second];
  const { path, recorded, replayed } = unlike;
  const where = path.replace(/^\./, '');
  const holding = (value: Value): string =>
    value === undefined ? `without ${where}` : `with ${where === '' ? '' : `${where} `}${shortText(value)}`;
  return [oneLine(`${first} ${holding(recorded)}`), oneLine(`${second} ${holding(replayed)}`)];
}
