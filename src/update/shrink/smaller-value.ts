// Makes a value smaller, part by part, as long as a test still holds: items of lists are left out, and long texts cut.
// It always takes the same steps.
import { fewestOf } from '../../base/fewest.ts';
import { canonicalList, canonicalRecord } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { isRecordValue } from '../../journal/record-value.ts';

/** Whether it would still do with this value. What it said yes to last is what stays. */
export type StillDoes<Kind> = (candidate: Kind) => Promise<boolean>;

/** A shorter text is readable as it is. */
const shortTextMax = 24;
const piecesMax = 64;

/** The smallest value that was found to do. */
export async function smallerValue(value: Value, does: StillDoes<Value>): Promise<Value> {
  if (typeof value === 'string') return await smallerText(value, does);
  if (Array.isArray(value)) return await smallerList(value as readonly Value[], does);
  if (!isRecordValue(value)) return value;
  let smaller = value;
  for (const key of Object.keys(value)) {
    const replaced = (item: Value): Value =>
      canonicalRecord(Object.entries(smaller).map(([name, own]) => [name, name === key ? item : own] as const));
    const item = await smallerValue(smaller[key], (candidate) => does(replaced(candidate)));
    if (item !== smaller[key]) smaller = replaced(item) as typeof smaller;
  }
  return smaller;
}

async function smallerList(list: readonly Value[], does: StillDoes<Value>): Promise<Value> {
  if (list.length === 0) return list;
  const doesWith: StillDoes<readonly Value[]> = (items) => does(canonicalList([...items]));
  if (await doesWith([])) return canonicalList([]);
  let items = await fewestOf(list, doesWith);
  for (let place = 0; place < items.length; place += 1) {
    const item = await smallerValue(items[place], (candidate) => doesWith(items.with(place, candidate)));
    if (item !== items[place]) items = items.with(place, item);
  }
  return items === list ? list : canonicalList([...items]);
}

/** A JSON text is made smaller as JSON, a stream of events event by event, another text by lines or by words. */
async function smallerText(text: string, does: StillDoes<string>): Promise<string> {
  if (text.length <= shortTextMax) return text;
  const json = jsonOf(text);
  if (json !== undefined) {
    const written = (value: Value): string => JSON.stringify(value, null, json.indent);
    const smaller = await smallerValue(json.value, (candidate) => does(written(candidate)));
    return smaller === json.value ? text : written(smaller);
  }
  if (await does('')) return '';
  return (await fewestOf(piecesOf(text), (pieces) => does(pieces.join('')))).join('');
}

function jsonOf(text: string): { readonly value: Value; readonly indent: 0 | 2 } | undefined {
  if (text[0] !== '{' && text[0] !== '[') return undefined;
  try {
    const value = JSON.parse(text) as Value;
    return { value, indent: text.includes('\n') ? 2 : 0 };
  } catch {
    return undefined;
  }
}

/** Not too many: each costs a replay or more. */
function piecesOf(text: string): readonly string[] {
  const pieces =
    [/(?<=\n\n)/, /(?<=\n)/, /(?<= )/].map((gap) => text.split(gap)).find(({ length }) => length > 1) ??
    (text.match(/.{1,16}/gsu) as string[]);
  const size = Math.ceil(pieces.length / piecesMax);
  return Array.from({ length: Math.ceil(pieces.length / size) }, (_, place) =>
    pieces.slice(place * size, (place + 1) * size).join(''),
  );
}
