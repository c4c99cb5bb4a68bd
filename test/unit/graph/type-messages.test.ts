import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile, compilers } from '../../support/type-check.ts';

const source = readFileSync(new URL('../../types/mistakes.ts', import.meta.url), 'utf8');
const marker = '// @ts-expect-error says: ';
const expected = source
  .split('\n')
  .flatMap((line, index) =>
    line.trim().startsWith(marker) ? [{ line: index + 2, says: line.trim().slice(marker.length) }] : [],
  );

describe.each(compilers)('$name', (compiler) => {
  const { output } = compile(compiler, {
    files: { 'mistakes.ts': source.replaceAll(marker, '// ').replace("from 'reprise'", "from './src/index.ts'") },
  });
  // One message each: from the line that names its place to the next such line.
  const messages = output.split(/^(?=\S*mistakes\.ts:\d+:\d+ - error)/m);

  it('finds every mistake, and nothing else', () => {
    const lines = messages.flatMap((message) => /^\S*mistakes\.ts:(\d+):\d+ - error/.exec(message)?.[1] ?? []);
    const found = new Set(lines.map(Number));
    const elsewhere = [...found].filter((line) => !expected.some((mistake) => isAt(mistake.line, line)));
    expect(elsewhere).toEqual([]);
    expect(expected.length).toBeGreaterThan(40);
  });

  it.each(expected)('says at line $line: $says', ({ line, says }) => {
    const message = messages.filter((candidate) => isAt(line, Number(/mistakes\.ts:(\d+):/.exec(candidate)?.[1])));
    // What the compiler says of the line, without the line itself, which it repeats.
    const said = message
      .join('')
      .split('\n')
      .filter((text) => !/^(\d+ |\s*~|\s+\d+ )/.test(text))
      .join('\n');
    expect(said).toContain(says);
  });
});

/** A mistake in a call of several lines may be told at any of them. */
function isAt(expectedLine: number, foundLine: number): boolean {
  return foundLine >= expectedLine && foundLine < expectedLine + 2;
}
