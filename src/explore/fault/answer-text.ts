// What a model said, found in an answer without knowing its provider: the longest text of a value; in a stream of
// server-sent events, the texts at the place where they vary most.
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';

/** What becomes of the text of an answer. */
export type TextChange = (text: string) => string;

export const toHalf: TextChange = (text) => text.slice(0, Math.ceil(text.length / 2));
export const toOther: TextChange = () => 'I am sorry, but I cannot help with that.';

export const htmlPage =
  '<!DOCTYPE html>\n<html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>\n';

type Path = readonly (string | number)[];

interface Text {
  readonly path: Path;
  readonly text: string;
}

/** A value with its longest text changed; undefined if it holds none. */
export function withText(value: Value, change: TextChange): Value | undefined {
  const longest = textsIn(value).reduce<Text | undefined>(
    (found, text) => (text.text.length > (found?.text.length ?? 0) ? text : found),
    undefined,
  );
  return longest === undefined ? undefined : canonicalValue(replaced(value, longest.path, change(longest.text)), 'it');
}

/** The same for a body: JSON, a stream of events, or else plain text. */
export function bodyWithText(body: string, type: string, change: TextChange): string | undefined {
  if (body === '') return undefined;
  if (/event-stream/i.test(type)) return streamWithText(body, change);
  const json = jsonOf(body);
  if (json === undefined) return change(body);
  const changed = withText(json, change);
  return changed === undefined ? undefined : JSON.stringify(changed);
}

/** The text of all events is changed as a whole: each gives as much of it as it gave, the last one what is left. */
function streamWithText(body: string, change: TextChange): string | undefined {
  const lines = body.split('\n');
  const texts = lines.map((line) => (line.startsWith('data:') ? textsIn(jsonOf(line.slice(5))) : []));
  const place = placeOfText(texts.flat());
  if (place === undefined) return undefined;
  const found = texts.map((inLine) => inLine.find(({ path }) => nameOf(path) === place));
  let left = change(found.map((text) => text?.text ?? '').join(''));
  const last = found.findLastIndex((text) => text !== undefined);
  const changed = lines.map((line, index) => {
    const text = found[index];
    if (text === undefined) return line;
    const own = index === last ? left : left.slice(0, text.text.length);
    left = left.slice(own.length);
    return `data: ${JSON.stringify(replaced(jsonOf(line.slice(5)), text.path, own))}`;
  });
  return changed.join('\n');
}

/** Where events differ most from one another. */
function placeOfText(texts: readonly Text[]): string | undefined {
  const places = new Map<string, { readonly values: Set<string>; length: number }>();
  for (const { path, text } of texts) {
    const place = places.get(nameOf(path)) ?? { values: new Set(), length: 0 };
    place.values.add(text);
    place.length += text.length;
    places.set(nameOf(path), place);
  }
  const ranked = [...places].sort(
    ([, left], [, right]) => right.values.size - left.values.size || right.length - left.length,
  );
  return ranked[0]?.[0];
}

function nameOf(path: Path): string {
  return JSON.stringify(path);
}

function jsonOf(text: string): Value {
  try {
    return canonicalValue(JSON.parse(text), 'it');
  } catch {
    return undefined;
  }
}

const depthMax = 50;

function textsIn(value: Value, path: Path = []): readonly Text[] {
  if (typeof value === 'string') return value === '' ? [] : [{ path, text: value }];
  if (typeof value !== 'object' || value === null || path.length > depthMax) return [];
  if (Array.isArray(value)) return value.flatMap((item: Value, index) => textsIn(item, [...path, index]));
  if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) return [];
  return Object.entries(value).flatMap(([key, item]: readonly [string, Value]) => textsIn(item, [...path, key]));
}

function replaced(value: unknown, [key, ...rest]: Path, text: string): unknown {
  if (key === undefined) return text;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (index === key ? replaced(item, rest, text) : item));
  return Object.fromEntries(
    Object.entries(value as object).map(([name, item]) => [name, name === key ? replaced(item, rest, text) : item]),
  );
}
