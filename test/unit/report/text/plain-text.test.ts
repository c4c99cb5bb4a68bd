import { describe, expect, it } from 'vitest';
import { oneLine, wrapped } from '../../../../src/report/text/plain-text.ts';

describe('a wrapped sentence', () => {
  it('is broken between words, and a word that is too long is shortened', () => {
    expect(wrapped('one two three four', '  ', 9)).toEqual(['one two', '  three', '  four']);
    expect(wrapped('a  b', '  ', 9)).toEqual(['a  b']);
    expect(wrapped('', '  ', 9)).toEqual(['']);
    expect(wrapped('incomprehensible', '  ', 9)).toEqual(['incompre…']);
  });

  it('never breaks or shortens a command to paste', () => {
    const command = "`npx reprise check 'fixtures/a b.run.jsonl' --graph desk`";
    for (let width = 10; width < 90; width += 1) {
      const lines = wrapped(`next: see ${command}, or try more orders`, '  ', width);
      expect(lines.filter((line) => line.includes(command))).toHaveLength(1);
    }
  });
});

it('shows a space that looks like another one', () => {
  expect(oneLine('Answer\u00a0as\u200b JSON')).toBe('Answer\\u00a0as\\u200b JSON');
});
