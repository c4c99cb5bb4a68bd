// A run under another ID, for one whose ID holds what a fixture must not. The ID also stands in what the code sends, so that it
// becomes the other wherever it is a word of its own.
import type { Value } from '../base/value.ts';
import type { Entry } from '../journal/entry.ts';
import { KnownSecrets } from '../journal/redact/find/known-secrets.ts';
import { mapBytesAsText, mapParts } from '../journal/value-map.ts';
import type { ValueMap } from '../journal/value-map.ts';

export async function* runUnderId(entries: AsyncIterable<Entry>, from: string, to: string): AsyncGenerator<Entry> {
  const renamed = new RenamedTexts(from, to);
  for await (const entry of entries) {
    const mapped = renamed.value(entry as unknown as Value) as unknown as Entry;
    yield mapped.kind === 'run' ? { ...mapped, observed: { ...mapped.observed, runId: to } } : mapped;
  }
}

class RenamedTexts implements ValueMap {
  readonly #ids = new KnownSecrets();

  constructor(from: string, to: string) {
    this.#ids.add(from, to, 'words');
  }

  readonly text = (text: string): string => this.#ids.replaceIn(text);

  value(value: Value): Value {
    if (typeof value === 'string') return this.text(value);
    return typeof value === 'object' && value !== null ? mapParts(value, this) : value;
  }

  field(_name: string, value: Value): Value {
    return this.value(value);
  }

  bytes(bytes: Uint8Array): Value {
    return mapBytesAsText(bytes, this.text);
  }
}
