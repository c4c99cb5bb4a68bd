import { expect, it } from 'vitest';
import type { EffectOutcome } from '../../../../../src/journal/entry.ts';
import { readRecordedAnswer } from '../../../../../src/live/http/answer/recorded-answer.ts';
import { asSent } from '../../../../../src/live/http/answer/sent-form.ts';

function headersOf(body: string, length: string, ended: 'complete' | 'broken'): unknown {
  const outcome: EffectOutcome = { kind: 'value', value: { status: 200, headers: {}, body, ended } };
  const answer = readRecordedAnswer(outcome, { answer: { headers: [['Content-Length', length]] } });
  if (answer.head === undefined) throw new Error('no head');
  return asSent(answer.head, answer).headers;
}

it('names the length that the body has, since a credential in it may have been replaced', () => {
  expect(headersOf('{"access_token":"[redacted:token]"}', '400', 'complete')).toEqual([['Content-Length', '35']]);
  expect(headersOf('as it came', '10', 'complete')).toEqual([['Content-Length', '10']]);
});

it('names more than there is of a body that broke off', () => {
  expect(headersOf('as f', '10', 'broken')).toEqual([['Content-Length', '10']]);
  expect(headersOf('[redacted:token]', '10', 'broken')).toEqual([['Content-Length', '17']]);
});

it('names what the server named where there is no body, as for HEAD', () => {
  expect(headersOf('', '1234', 'complete')).toEqual([['Content-Length', '1234']]);
});
