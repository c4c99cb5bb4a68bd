// What was asked for, in words.
import type { EffectRef } from '../journal/entry.ts';
import { oneLine } from './plain-text.ts';

/** For example: GET /metrics/web?hours=2, or "model". */
export function askedText({ type, name, request }: Pick<EffectRef, 'type' | 'name' | 'request'>): string {
  if (type !== 'http' || typeof request !== 'object' || request === null) return `"${oneLine(name)}"`;
  const { method, path, query = [] } = request as { readonly [field: string]: unknown };
  const pairs = Array.isArray(query) ? (query as readonly (readonly string[])[]) : [];
  const search = pairs.map((pair) => pair.join('=')).join('&');
  return oneLine(`${String(method)} ${String(path)}${search === '' ? '' : `?${search}`}`);
}
