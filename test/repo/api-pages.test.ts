// The pages of the API say what the sources say. With REPRISE_WRITE_API=1 they are written again.
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { apiPages, undescribedNames } from './api-pages.ts';
import { root } from './repository.ts';

const folder = join(root, 'docs/reference/api');

it('describe every public name as its source does', () => {
  const pages = apiPages();
  if (process.env.REPRISE_WRITE_API === '1') {
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    for (const [name, text] of Object.entries(pages)) writeFileSync(join(folder, name), text);
  }
  const written = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);
  const remedy = 'write them again: REPRISE_WRITE_API=1 npx vitest run test/repo/api-pages.test.ts';
  expect(Object.fromEntries(written), remedy).toEqual(pages);
});

it('say of every public name more than how it is declared', () => {
  expect(undescribedNames(), 'write a docstring: what it is for, and what its units and limits are').toEqual([]);
});
