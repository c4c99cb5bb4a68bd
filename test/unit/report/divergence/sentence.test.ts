import { describe, expect, it } from 'vitest';
import type { Divergence } from '../../../../src/diff/index.ts';
import { divergenceSentence } from '../../../../src/report/index.ts';

const divergence = (fields: Partial<Divergence>): Divergence => ({
  kind: 'missing effect',
  at: '2.0#1',
  step: 2,
  node: 'research',
  path: 'request',
  recorded: undefined,
  replayed: 1,
  ...fields,
});

describe('the sentence about an effect', () => {
  it.each<[string, Partial<Divergence>]>([
    [
      '"research" in step 2 requests an effect that was not recorded (2.0#1:call:charge)',
      { address: '2.0#1:call:charge', detail: 'effect "charge"' },
    ],
    [
      '"research" in step 2 no longer requests a recorded effect (POST /v1/chat, 2.0#1:http:http~cdd5f71)',
      { kind: 'unused effect', address: '2.0#1:http:http~cdd5f71', detail: 'POST /v1/chat' },
    ],
    [
      '"research" in step 2 (2.0#1) requests an effect that was not recorded (effect "charge")',
      { detail: 'effect "charge"' },
    ],
    ['"research" in step 2 (2.0#1) requests an effect that was not recorded', { path: 'outside', detail: 'a\nstack' }],
    [
      '"research" in step 2 requests an effect that was not recorded (GET \\u001b[2J, 2.0#1:http:"\\u202e")',
      { address: '2.0#1:http:"\u202e"', detail: 'GET \u001b[2J' },
    ],
  ])('%s', (sentence, fields) => {
    expect(divergenceSentence(divergence(fields))).toBe(sentence);
  });
});
