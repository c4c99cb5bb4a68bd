// The guide lists the keys that are found by their form. With REPRISE_WRITE_KEYS=1 the list is written again.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { knownCredentials } from 'reprise/record';

const page = join(import.meta.dirname, '../../docs/guide/secrets.md');
const heading = '## Keys of providers\n';
function list(): string {
  const lines = knownCredentials().keys.map(({ of, begins }) =>
    begins.length === 0 ? `- ${of}` : `- ${of} (${begins.map((begin) => `\`${begin}\``).join(' ')})`,
  );
  return lines.join('\n');
}

it('lists the keys of providers', () => {
  const text = readFileSync(page, 'utf8');
  const start = text.indexOf('\n- ', text.indexOf(heading)) + 1;
  const end = text.indexOf('\n\n', start);
  const written = text.slice(0, start) + list() + text.slice(end);
  if (process.env.REPRISE_WRITE_KEYS === '1') writeFileSync(page, written);
  expect(text).toBe(written);
});
