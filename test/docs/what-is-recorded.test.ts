// Every line of the page on what is recorded names a test that shows it, and that test exists.
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const page = readFileSync('docs/guide/what-is-recorded.md', 'utf8');
const cited = [...page.matchAll(/`(test\/[^`]+\.test\.ts)`: ([^|\n]+?) *\|/g)].map(([, path, title]) => ({
  path: path as string,
  title: title as string,
}));

it('names a test in every row of its first two tables', () => {
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (?:---|what \||where \||a store|a fixture)/.test(line));
  expect(cited).toHaveLength(rows.length);
});

it.each(cited)('$path: $title', ({ path, title }) => {
  expect(existsSync(path)).toBe(true);
  expect(readFileSync(path, 'utf8')).toContain(title);
});
