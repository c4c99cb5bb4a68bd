// What the page on the fixture format shows is a fixture, and the words it explains are those that are written.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { entriesOf, fileOf, fixtureBytes } from '../support/fixture-file.ts';

const page = readFileSync('docs/reference/fixture-format.md', 'utf8');
const example = /```jsonl\n([\s\S]*?)```/.exec(page)?.[1] ?? '';

it('the example is a whole fixture, as it would be written', async () => {
  const entries = await entriesOf(fileOf(example));
  expect(entries.map(({ kind }) => kind)).toEqual(['run', 'commit', 'effect', 'effect', 'outcome', 'commit', 'end']);
  const canonical = (await fixtureBytes(entries, { observed: false })).toString('utf8');
  expect(example.startsWith(canonical)).toBe(true);
});

it('every key that a fixture has is on the page', () => {
  const text = readFileSync('fixtures/format/v1.run.jsonl', 'utf8');
  const written = text
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => Object.keys(JSON.parse(line) as object));
  const tags = [...text.matchAll(/\{"(\$[a-z]+)"/g)].map(([, tag]) => tag as string);
  for (const word of new Set([...written, ...tags]))
    expect(page, word).toMatch(new RegExp(`[\`"]${word.replace('$', '\\$')}[\`"]`));
});
