// What a model said, changed in an answer. Where the answer has none of the forms that are known, it is the longest text of a
// value; in a stream of server-sent events, the texts at the place where they vary most.
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { mayRepeat, pathText, saidTexts, seriesOf } from './said-text.ts';
import type { Path, Text } from './said-text.ts';

/** What becomes of the text of an answer. */
export type TextChange = (text: string) => string;

export const toHalf: TextChange = (text) => text.slice(0, Math.ceil(text.length / 2));
export const toOther: TextChange = () => 'I am sorry, but I cannot help with that.';

export const htmlPage =
  '<!DOCTYPE html>\n<html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>\n';

/** An answer with another text, and where that stands; empty if the answer is nothing but the text. */
export interface Changed<Answer> {
  readonly answer: Answer;
  readonly place: string;
}

/** Undefined if the value holds no text, or would not be another. */
export function withText(value: Value, change: TextChange): Changed<Value> | undefined {
  const texts = textsIn(value);
  const said = saidTexts(texts);
  const text = longest(said.length > 0 ? said : texts);
  if (text === undefined || change(text.text) === text.text) return undefined;
  const again = said.length === 0 ? [] : texts.filter((other) => other.text === text.text && mayRepeat(other));
  const changed = [text, ...again].reduce<unknown>(
    (all, { path, text: before }) => replaced(all, path, change(before)),
    value,
  );
  return { answer: canonicalValue(changed, 'it'), place: pathText(text.path) };
}

/** The same for a body: JSON, a stream of events, or else plain text. */
export function bodyWithText(body: string, type: string, change: TextChange): Changed<string> | undefined {
  if (body === '') return undefined;
  if (/event-stream/i.test(type)) return streamWithText(body, change);
  const json = jsonOf(body);
  if (json === undefined) return change(body) === body ? undefined : { answer: change(body), place: '' };
  const changed = withText(json, change);
  return changed === undefined ? undefined : { ...changed, answer: JSON.stringify(changed.answer) };
}

function longest(texts: readonly Text[]): Text | undefined {
  return texts.reduce<Text | undefined>(
    (found, text) => (text.text.length > (found?.text.length ?? 0) ? text : found),
    undefined,
  );
}

interface PartText extends Text {
  readonly line: number;
  readonly event: Value;
}

/** The text of all events is changed as a whole: each gives as much of it as it gave, the last one what is left. */
function streamWithText(body: string, change: TextChange): Changed<string> | undefined {
  const lines = body.split('\n');
  const texts = lines.flatMap((content, line) => {
    const event = content.startsWith('data:') ? jsonOf(content.slice(5)) : undefined;
    return textsIn(event).map((text): PartText => ({ ...text, line, event }));
  });
  const said = saidTexts(texts);
  const series = said.length > 0 ? longestSeries(said) : mostVaried(texts);
  const [first] = series;
  if (first === undefined) return undefined;
  const whole = series.map(({ text }) => text).join('');
  const changed = change(whole);
  if (changed === whole) return undefined;
  const events = new Map<number, unknown>();
  const put = ({ line, event, path }: PartText, text: string): void => {
    events.set(line, replaced(events.get(line) ?? event, path, text));
  };
  if (said.length > 0)
    for (const again of texts)
      if (again.text === whole && mayRepeat(again) && !series.includes(again)) put(again, changed);
  let left = changed;
  for (const part of series) {
    const own = part === series.at(-1) ? left : left.slice(0, part.text.length);
    left = left.slice(own.length);
    put(part, own);
  }
  const answer = lines.map((line, place) => (events.has(place) ? `data: ${JSON.stringify(events.get(place))}` : line));
  return { answer: answer.join('\n'), place: `${pathText(first.path)} of its events` };
}

function longestSeries(texts: readonly PartText[]): readonly PartText[] {
  const all = grouped(texts, (text) => seriesOf(text, text.event));
  return all.sort((left, right) => lengthOf(right) - lengthOf(left))[0] ?? [];
}

/** Where events differ most from one another. */
function mostVaried(texts: readonly PartText[]): readonly PartText[] {
  const variety = (part: readonly PartText[]): number => new Set(part.map(({ text }) => text)).size;
  const all = grouped(texts, ({ path }) => JSON.stringify(path));
  return all.sort((left, right) => variety(right) - variety(left) || lengthOf(right) - lengthOf(left))[0] ?? [];
}

function grouped(texts: readonly PartText[], keyOf: (text: PartText) => string): PartText[][] {
  const groups = new Map<string, PartText[]>();
  for (const text of texts) {
    const group = groups.get(keyOf(text));
    if (group === undefined) groups.set(keyOf(text), [text]);
    else group.push(text);
  }
  return [...groups.values()];
}

function lengthOf(texts: readonly Text[]): number {
  return texts.reduce((sum, { text }) => sum + text.length, 0);
}

function jsonOf(text: string): Value {
  try {
    return canonicalValue(JSON.parse(text), 'it');
  } catch {
    return undefined;
  }
}

const depthMax = 50;

function textsIn(value: Value, path: Path = [], holder?: Value): readonly Text[] {
  if (typeof value === 'string') return value === '' ? [] : [{ path, text: value, holder }];
  if (typeof value !== 'object' || value === null || path.length > depthMax) return [];
  if (Array.isArray(value)) return value.flatMap((item: Value, index) => textsIn(item, [...path, index], value));
  if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) return [];
  return Object.entries(value).flatMap(([key, item]: readonly [string, Value]) => textsIn(item, [...path, key], value));
}

function replaced(value: unknown, [key, ...rest]: Path, text: string): unknown {
  if (key === undefined) return text;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (index === key ? replaced(item, rest, text) : item));
  return Object.fromEntries(
    Object.entries(value as object).map(([name, item]) => [name, name === key ? replaced(item, rest, text) : item]),
  );
}
