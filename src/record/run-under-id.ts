// A run under another ID, for one whose ID holds what a fixture must not. The ID also stands in what the code sends, so that it
// becomes the other wherever it is a word of its own.
import type { Value } from '../base/value.ts';
import type { Entry } from '../journal/entry.ts';
import { KnownSecrets } from '../journal/redact/find/known-secrets.ts';
import { withFittingRepeats } from '../journal/redact/find/repeated-credentials.ts';
import { TextMap } from '../journal/value-map.ts';

export async function* runUnderId(entries: AsyncIterable<Entry>, from: string, to: string): AsyncGenerator<Entry> {
  const ids = new KnownSecrets();
  ids.add(from, to, 'words');
  const renamed = new TextMap((text) => ids.replaceIn(text));
  for await (const entry of entries) {
    const mapped = withFittingRepeats(renamed.value(entry as unknown as Value) as unknown as Entry, entry);
    yield mapped.kind === 'run' ? { ...mapped, observed: { ...mapped.observed, runId: to } } : mapped;
  }
}
