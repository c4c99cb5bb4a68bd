// The scan looks at the lines of a body together, and says of each secret in which line it stands.
import { describe, expect, it } from 'vitest';
import { redactionRules } from '../../../../src/journal/redact/rule/redaction-rules.ts';
import { SecretScan } from '../../../../src/journal/redact/secret-scan.ts';
import type { FoundInLine } from '../../../../src/journal/redact/secret-scan.ts';

const secret = ['ghp', 'abcdefghijklmnopqrstuvwxyz0123'].join('_');

function bodyLine(text: string, at = '1.0#1'): string {
  return `{"at":"${at}","kind":"body","text":${JSON.stringify(text)}}`;
}

function foundIn(lines: readonly string[]): readonly FoundInLine[] {
  const scan = new SecretScan(redactionRules({ values: ['email'] }));
  return [...lines.flatMap((line) => scan.add(line)), ...scan.settle()];
}

const clean = Array.from({ length: 3_000 }, (_, index) => bodyLine(`  "name": "item ${index}",\n`));

describe('the scan of a body', () => {
  it('finds nothing in lines that hold nothing', () => {
    expect(foundIn([...clean, '{"at":"1","kind":"commit"}', ...clean])).toEqual([]);
  });

  it.each([0, 1, 1_499, 2_998, 3_000])('names the line, of %i before it', (before) => {
    const lines = clean.toSpliced(before, 0, bodyLine(`  "note": "${secret}",\n`));
    expect(foundIn(lines)).toEqual([{ rule: 'token', place: '1.0#1 body, text', line: before + 1 }]);
  });

  it('finds all of those in its lines', () => {
    const lines = clean.toSpliced(7, 0, bodyLine('ada@example.org'), bodyLine(secret));
    expect(foundIn(lines).map(({ rule, line }) => [rule, line])).toEqual([
      ['email', 8],
      ['token', 9],
    ]);
  });

  it.each([1, 12, 25])('finds one that stands in two lines, cut after %i characters', (cut) => {
    const lines = [...clean, bodyLine(`a ${secret.slice(0, cut)}`), bodyLine(`${secret.slice(cut)} z`), ...clean];
    expect(foundIn(lines)).toMatchObject([{ rule: 'token' }]);
  });

  it('does not join the bodies of two requests', () => {
    expect(foundIn([bodyLine(secret.slice(0, 12)), bodyLine(secret.slice(12), '1.0#2')])).toEqual([]);
  });

  it.each([
    ['a line with more in it', `{"at":"1.0#1","kind":"body","text":"a","token":"${secret}"}`],
    ['a line that is cut off', `{"at":"1.0#1","kind":"body","text":"${secret}\\"}`],
    ['a line whose key is one', bodyLine('a', secret)],
  ])('finds one in %s', (_name, line) => {
    expect(foundIn([...clean, line, bodyLine('b')]).map((found) => found.line)).toEqual([3_001]);
  });
});
