// The guide on cleaning up begins with its rule.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('begins with the rule', () => {
  const lines = readFileSync('docs/guide/clean-up.md', 'utf8').split('\n');
  expect(lines[2]).toMatch(/^Register before you acquire\. /);
});
