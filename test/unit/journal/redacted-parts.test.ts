import { describe, expect, it } from 'vitest';
import { redactedParts } from '../../../src/journal/redact/redacted-parts.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const partsOf = (before: readonly string[], after: string): readonly string[] | undefined => {
  const lengths = redactedParts(
    bytes(before.join('')),
    bytes(after),
    before.map((part) => bytes(part).byteLength),
  );
  let place = 0;
  return lengths?.map((length) => {
    place += length;
    return Buffer.from(bytes(after))
      .subarray(place - length, place)
      .toString();
  });
};

describe('the parts of a redacted body', () => {
  it('hold what they held, with marks in place of secrets', () => {
    const after = 'data: 1\n\ndata: {"key":"[redacted:api-key#1]"}\n\ndata: 3\n\n';
    expect(partsOf(['data: 1\n\n', 'data: {"key":"abcd1234"}\n\n', 'data: 3\n\n'], after)).toEqual([
      'data: 1\n\n',
      'data: {"key":"[redacted:api-key#1]"}\n\n',
      'data: 3\n\n',
    ]);
  });

  it('give a mark to the part in which its secret began', () => {
    expect(partsOf(['ä: abcd', '1234 and', ' more'], 'ä: [redacted:token#2] and more')).toEqual([
      'ä: [redacted:token#2]',
      ' and',
      ' more',
    ]);
  });

  it('may be empty: a secret filled them', () => {
    expect(partsOf(['ab', 'cd', 'ef', '.'], '[redacted:secret#1].')).toEqual(['[redacted:secret#1]', '', '', '.']);
  });

  it('are those of the body where nothing was replaced', () => {
    expect(partsOf(['one ', 'two'], 'one two')).toEqual(['one ', 'two']);
  });

  it('are as many if it is another text', () => {
    expect(partsOf(['one ', 'two'], 'three [redacted:secret#1]')).toHaveLength(2);
  });
});
