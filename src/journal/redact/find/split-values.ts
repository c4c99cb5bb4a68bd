// Secrets in pieces, in what comes one after another: chunks and events of a node. Texts that stand at the same path of each are
// looked at as one.
import { canonicalList, canonicalRecord } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import { isRecordValue } from '../../record-value.ts';
import type { Marker } from '../redact-text.ts';
import { redactSplit } from './split-text.ts';

/** Each of the values without its part of what stands across them. The same list if nothing does. */
export function redactAcross(values: readonly Value[], marker: Marker): readonly Value[] {
  if (values.length < 2) return values;
  const groups = new Map<string, { readonly index: number; readonly text: string }[]>();
  for (const [index, value] of values.entries())
    eachText(value, '', (path, text) => {
      const group = groups.get(path);
      if (group === undefined) groups.set(path, [{ index, text }]);
      else group.push({ index, text });
    });
  const changed = new Map<number, Map<string, string>>();
  for (const [path, group] of groups) {
    const pieces = group.map(({ text }) => text);
    const redacted = redactSplit(pieces, marker);
    if (redacted === pieces) continue;
    for (const [place, { index, text }] of group.entries()) {
      if (redacted[place] === text) continue;
      const texts = changed.get(index) ?? new Map<string, string>();
      changed.set(index, texts.set(path, redacted[place] as string));
    }
  }
  if (changed.size === 0) return values;
  return values.map((value, index) => {
    const texts = changed.get(index);
    return texts === undefined ? value : withTexts(value, '', texts);
  });
}

function eachText(value: Value, path: string, found: (path: string, text: string) => void): void {
  if (typeof value === 'string') found(path, value);
  else if (Array.isArray(value))
    for (const [index, item] of (value as readonly Value[]).entries()) eachText(item, `${path}/${index}`, found);
  else if (isRecordValue(value))
    for (const [key, item] of Object.entries(value)) eachText(item, `${path}/${key}`, found);
}

function withTexts(value: Value, path: string, texts: ReadonlyMap<string, string>): Value {
  if (typeof value === 'string') return texts.get(path) ?? value;
  if (Array.isArray(value))
    return canonicalList((value as readonly Value[]).map((item, index) => withTexts(item, `${path}/${index}`, texts)));
  if (!isRecordValue(value)) return value;
  return canonicalRecord(Object.entries(value).map(([key, item]) => [key, withTexts(item, `${path}/${key}`, texts)]));
}
