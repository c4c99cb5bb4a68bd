import { encodeValue } from '../../base/encode.ts';
import type { Json } from '../../base/encode.ts';
import type { Value } from '../../base/value.ts';

const defaultLength = 20_000;

/** A value as JSON. Of texts beyond any screen only the beginning is kept, and how much is missing. */
export function pageValue(value: Value, textLengthMax = defaultLength): Json {
  if (value === undefined) return null;
  if (value instanceof Error) return { error: value.name, message: value.message };
  return shortened(encodeValue(value), textLengthMax);
}

function shortened(json: Json, textLengthMax: number): Json {
  if (typeof json === 'string')
    return json.length <= textLengthMax
      ? json
      : `${json.slice(0, textLengthMax)}… and ${json.length - textLengthMax} more characters`;
  if (Array.isArray(json)) return json.map((item) => shortened(item, textLengthMax));
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([key, item]) => [key, shortened(item as Json, textLengthMax)]));
}
