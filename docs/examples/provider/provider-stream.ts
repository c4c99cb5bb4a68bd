import { readFileSync } from 'node:fs';

const folder = new URL('../../../fixtures/provider-streams/', import.meta.url);

/** What a real provider streamed, one JSON text per event. */
export function providerStream(name: string): readonly string[] {
  const text = readFileSync(new URL(`${name}.chunks.jsonl`, folder), 'utf8');
  return text.split('\n').filter((line) => line !== '');
}
