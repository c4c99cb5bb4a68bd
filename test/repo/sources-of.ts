// Sources for tests of the rules, from texts by their path.
import { readSource } from './source-file.ts';
import type { Sources } from './source-file.ts';

export function sourcesOf(texts: Readonly<Record<string, string>>): Sources {
  return new Map(Object.entries(texts).map(([path, text]) => [path, readSource(path, text)]));
}
