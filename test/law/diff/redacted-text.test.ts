// A mark hides the secret under it and nothing else.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameBesideMarks } from '../../../src/diff/value/redacted-text.ts';
import { redactValue } from '../../../src/journal/redact/redact.ts';
import { ComparedMarks, RedactionMarks } from '../../../src/journal/redact/redaction-marks.ts';

const token = fc.stringMatching(/^ghp_[A-Za-z0-9]{24}$/);
const word = fc.stringMatching(/^[a-z ,.;{}:"]{0,12}$/);
/** A text with secrets in it: words and tokens in turn, apart from each other. */
const secretText = fc
  .tuple(word, fc.array(fc.tuple(token, word), { minLength: 1, maxLength: 4 }))
  .map(([first, rest]) => ({ words: [first, ...rest.map(([, text]) => text)], tokens: rest.map(([own]) => own) }));

function joined(words: readonly string[], tokens: readonly string[]): string {
  return words.map((text, place) => `${text} ${tokens[place] ?? ''} `).join('');
}

function recorded(text: string): string {
  return redactValue(text, new RedactionMarks()) as string;
}

function replayed(text: string): string {
  return redactValue(text, new ComparedMarks('own')) as string;
}

describe('the text beside marks', () => {
  it('is the same with other secrets', () => {
    fc.assert(
      fc.property(secretText, fc.array(token, { minLength: 4, maxLength: 4 }), ({ words, tokens }, others) => {
        const text = recorded(joined(words, tokens));
        expect(sameBesideMarks(text, replayed(joined(words, others.slice(0, tokens.length))))).toBe(true);
        // The run itself has nothing but the marks.
        expect(sameBesideMarks(text, replayed(text))).toBe(true);
      }),
    );
  });

  it('is compared: whatever is put in, left out or changed is found', () => {
    const change = fc.record({ at: fc.nat(), cut: fc.nat({ max: 3 }), put: fc.stringMatching(/^[A-Z !]{0,3}$/) });
    fc.assert(
      fc.property(secretText, change, ({ words, tokens }, { at, cut, put }) => {
        const place = at % words.length;
        const own = words[place] as string;
        const from = at % (own.length + 1);
        const changed = own.slice(0, from) + put + own.slice(from + cut);
        fc.pre(changed !== own);
        const text = joined(words.with(place, changed), tokens);
        expect(sameBesideMarks(recorded(joined(words, tokens)), replayed(text))).toBe(false);
      }),
    );
  });

  it('is compared: a secret that is gone or new is found', () => {
    fc.assert(
      fc.property(secretText, fc.nat(), word, ({ words, tokens }, at, instead) => {
        const gone = joined(words, tokens.with(at % tokens.length, instead));
        const text = joined(words, tokens);
        expect(sameBesideMarks(recorded(text), replayed(gone))).toBe(false);
        expect(sameBesideMarks(recorded(gone), replayed(text))).toBe(false);
      }),
    );
  });
});
