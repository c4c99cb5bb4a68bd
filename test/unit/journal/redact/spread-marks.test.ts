// A secret that a model streams in pieces: no piece that held some of it is empty afterwards, since code passes empty ones by.
import { describe, expect, it } from 'vitest';
import type { Value } from '../../../../src/base/value.ts';
import { canonicalValue } from '../../../../src/base/value.ts';
import { redactAcross } from '../../../../src/journal/redact/find/split-values.ts';
import { redactRequest, redactValue } from '../../../../src/journal/redact/redact.ts';
import { RedactionMarks } from '../../../../src/journal/redact/redaction-marks.ts';
import { redactionRules } from '../../../../src/journal/redact/rule/redaction-rules.ts';
import { GivenMarks } from '../../../../src/replay/redaction/given-marks.ts';

const key = 'sk-proj-Abcdefgh1234567890ABCDEFGHIJKLMN';
const rules = redactionRules({ values: ['email', 'phone', 'card', { name: 'customer', texts: ['Maria Lindqvist'] }] });
const inPieces = (text: string, length: number): readonly string[] => {
  const pieces: string[] = [];
  for (let start = 0; start < text.length; start += length) pieces.push(text.slice(start, start + length));
  return pieces;
};
const asEvents = (pieces: readonly string[]): string =>
  pieces.map((content) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`).join('');
const ofEvents = (text: string): readonly string[] =>
  [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json as string).choices[0].delta.content as string);

const texts = [
  `use key ${key} please`,
  'mail ada.lovelace@example.org or bob@corp.example please',
  'call +49 171 2345678 now',
  'card 4111 1111 1111 1111 it is',
  'Dear Maria Lindqvist, hello',
];

describe.each(texts)('%s', (text) => {
  it.each([2, 3, 4, 5, 7, 9])('in pieces of %i', (length) => {
    const pieces = inPieces(text, length);
    const marks = new RedactionMarks(rules);
    const whole = redactValue(text, marks) as string;
    expect(whole).not.toBe(text);
    const chunks = redactAcross(
      pieces.map((answer) => canonicalValue({ answer }, 'a chunk')),
      marks,
    );
    const said = chunks.map((chunk) => (chunk as { readonly answer: string }).answer);
    expect(said.join('')).toBe(whole);
    expect(said).not.toContain('');

    // What code is given in pieces it passes on in the same.
    const body = redactValue(asEvents(pieces), marks) as string;
    expect(ofEvents(body)).toEqual(said);

    // Redacted a second time, as a replay does, nothing changes.
    const again = new RedactionMarks(rules);
    expect(redactValue(body, again)).toBe(body);
    const passedOn = canonicalValue(chunks, 'chunks') as readonly Value[];
    expect(redactAcross(passedOn, again)).toBe(passedOn);
    expect(redactValue(passedOn, again)).toBe(passedOn);
    expect(redactRequest(redactValue(asEvents(pieces), new RedactionMarks()))).toBe(redactRequest(asEvents(pieces)));

    // Code that puts the pieces together knows the mark as one that it was given.
    const given = new GivenMarks();
    given.add(body);
    for (const [mark] of whole.matchAll(/person-\d+@redacted\.invalid|redacted0\d+|\[redacted:customer#\d+\]/g))
      expect(given.has(mark)).toBe(true);
  });
});
