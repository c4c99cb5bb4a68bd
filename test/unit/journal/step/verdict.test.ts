import { describe, expect, it } from 'vitest';
import type { EffectOutcome } from '../../../../src/journal/entry.ts';
import { verdictOf } from '../../../../src/journal/step/verdict.ts';

const paid: EffectOutcome = { kind: 'value', value: 'paid' };
const failed = (fields: object = {}, cause?: Error): EffectOutcome => ({
  kind: 'error',
  error: Object.assign(new Error('no', cause === undefined ? {} : { cause }), fields) as never,
});
const lost = { code: 'ECONNRESET' };

describe('what an outcome says', () => {
  const answer = (status: number, end = 'complete'): EffectOutcome => ({
    kind: 'value',
    value: { status, ended: end },
  });
  it.each<[string, 'call' | 'http', EffectOutcome, string]>([
    ['a response', 'call', paid, 'succeeded'],
    ['an error', 'call', failed(), 'refused'],
    ['a response that no journal holds', 'call', failed({ name: 'RepriseError', code: 'unstorable' }), 'in doubt'],
    ['a lost connection', 'call', failed(lost), 'in doubt'],
    ['a lost connection as the cause', 'call', failed({}, Object.assign(new Error('inner'), lost)), 'in doubt'],
    [
      'a lost connection among others',
      'call',
      failed({ errors: [Object.assign(new Error('inner'), lost)] }),
      'in doubt',
    ],
    ['a connection that was never made', 'call', failed({ code: 'ETIMEDOUT', syscall: 'connect' }), 'unclear'],
    ['a connection that was refused', 'call', failed({ code: 'ECONNREFUSED' }), 'unclear'],
    ['a rate limit', 'call', failed({ status: 429 }), 'unclear'],
    ['a connection that undici never made', 'call', failed({ code: 'UND_ERR_CONNECT_TIMEOUT' }), 'unclear'],
    ['a code of another kind', 'call', failed({ code: 'card_declined' }), 'refused'],
    ['a refusal with a status', 'call', failed({ ...lost, status: 402 }), 'refused'],
    ['a fault of the server', 'call', failed({ statusCode: 503 }), 'unclear'],
    ['a request that is under way', 'call', failed({ status: 409 }), 'unclear'],
    ['an error that says yes', 'call', failed({ status: 402, mayHaveHappened: true }), 'in doubt'],
    ['an error that says no', 'call', failed({ ...lost, mayHaveHappened: false }), 'refused'],
    ['an answer', 'http', answer(200), 'succeeded'],
    ['an answer that broke off', 'http', answer(200, 'broken'), 'unclear'],
    ['a refusal', 'http', answer(402), 'refused'],
    ['a fault of the server', 'http', answer(500), 'unclear'],
    ['a request that is under way', 'http', answer(409), 'unclear'],
    ['a rate limit', 'http', answer(429), 'unclear'],
    ['a broken connection', 'http', failed(), 'unclear'],
    ['a request that was stopped', 'http', { kind: 'value', value: { ended: 'cancelled' } }, 'unclear'],
  ])('%s of a %s', (_what, type, outcome, verdict) => {
    expect(verdictOf({ type }, outcome, 2)).toBe(verdict);
  });

  it.each<[string, 'call' | 'http', EffectOutcome, string]>([
    ['a lost connection', 'call', failed(lost), 'refused'],
    ['a request that is under way', 'http', answer(409), 'refused'],
    ['a fault of the server', 'http', answer(500), 'unclear'],
  ])('version 1 keeps its rules: %s', (_what, type, outcome, verdict) => {
    expect(verdictOf({ type }, outcome, 1)).toBe(verdict);
  });

  it('an error that is its own cause is read once', () => {
    const error = new Error('no');
    error.cause = error;
    expect(verdictOf({ type: 'call' }, { kind: 'error', error: error as never }, 2)).toBe('refused');
  });
});
