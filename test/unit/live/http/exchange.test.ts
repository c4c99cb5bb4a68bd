import { describe, expect, it } from 'vitest';
import { AssertionFault } from '../../../../src/base/assert.ts';
import { Exchange } from '../../../../src/live/http/exchange.ts';
import type { ArrivedHead, Asked } from '../../../../src/live/http/exchange.ts';
import type { HttpEffectsOptions, SentRequest } from '../../../../src/live/http/options/http-options.ts';
import type { ExchangeRequest, IdentifyRequest, OpenExchange } from '../../../../src/port/attempt.ts';
import { RecordedAttempt } from '../../../support/recorded-attempt.ts';
import type { AttemptAnswers } from '../../../support/recorded-attempt.ts';

const request: SentRequest = { method: 'POST', url: 'https://api.test/v1/sk-proj-Zq81LmN0PsT3uVwX?q=1' };
const head: ArrivedHead = { status: 200, headers: [], encoding: '' };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

class PolicyAttempt extends RecordedAttempt {
  readonly given: ExchangeRequest[] = [];
  override openExchange(given: ExchangeRequest, identify: IdentifyRequest): OpenExchange {
    this.given.push(given);
    return super.openExchange(given, identify);
  }
}

interface Opened {
  readonly attempt: PolicyAttempt;
  readonly exchange: Exchange;
  readonly halts: unknown[];
  readonly ask: () => Asked;
}

function exchangeOf(answers: AttemptAnswers = {}, options: HttpEffectsOptions = {}): Opened {
  const attempt = new PolicyAttempt(answers);
  const halts: unknown[] = [];
  const exchange = new Exchange({ attempt, options }, request, (reason) => halts.push(reason));
  return { attempt, exchange, halts, ask: () => exchange.ask({ headers: [], body: bytes('hi') }) };
}

function sentExchange(options: HttpEffectsOptions = {}): Opened {
  const opened = exchangeOf({}, options);
  expect(opened.ask()).toEqual({ kind: 'send' });
  return opened;
}

describe('asking the journal', () => {
  it('opens the exchange with the identity of the request', () => {
    const { attempt } = sentExchange();
    expect(attempt.exchanges[0]?.request).toEqual({
      method: 'POST',
      origin: 'https://api.test',
      path: '/v1/[redacted:api-key]',
      query: [['q', '1']],
      body: 'hi',
    });
  });

  it('passes on the policy for doubt, if there is one', () => {
    const asked: SentRequest[] = [];
    const onDoubt = (given: SentRequest): 'fail' => {
      asked.push(given);
      return 'fail';
    };
    expect(sentExchange({ onDoubt }).attempt.given[0]?.onDoubt).toBe('fail');
    expect(asked).toEqual([request]);
    expect(sentExchange().attempt.given[0]).not.toHaveProperty('onDoubt');
  });

  it('gives the recorded answer, in its parts', () => {
    const value = { status: 200, headers: { link: 'x' }, body: 'abc', ended: 'complete' };
    const outcome = { kind: 'value', value } as const;
    const { ask } = exchangeOf({ answer: () => ({ kind: 'answered', outcome, facts: { parts: [1, 2] } }) });
    const parts = [bytes('a'), bytes('bc')];
    expect(ask()).toMatchObject({
      kind: 'answered',
      answer: { head: { status: 200, headers: [['link', 'x']] }, parts, end: { kind: 'complete' } },
    });
  });

  it('gives a recorded error', () => {
    const error = Object.freeze(new Error('once'));
    const { ask } = exchangeOf({ answer: () => ({ kind: 'answered', outcome: { kind: 'error', error } }) });
    const asked = ask();
    expect(asked).toMatchObject({ kind: 'answered', answer: { end: { kind: 'broken', error: { message: 'once' } } } });
  });

  it('is refused, or never answered, as the attempt says', () => {
    const error = new Error('diverged');
    expect(exchangeOf({ answer: () => ({ kind: 'refused', error }) as OpenExchange['answer'] }).ask()).toEqual({
      kind: 'refused',
      error,
    });
    expect(exchangeOf({ answer: () => ({ kind: 'silent' }) }).ask()).toEqual({ kind: 'silent' });
  });

  it('is refused once the attempt is over, without opening anything', () => {
    const { attempt, ask } = exchangeOf();
    attempt.requests = 'refused';
    expect(ask()).toMatchObject({
      kind: 'refused',
      error: { message: 'refused: POST https://api.test/v1/[redacted:api-key]' },
    });
    expect(attempt.exchanges).toEqual([]);
  });

  it('happens once', () => {
    const { ask } = sentExchange();
    expect(ask).toThrow(AssertionFault);
  });
});

describe('sending', () => {
  const decided = async (asked: Asked): Promise<Asked> => (asked.kind === 'wait' ? asked.decided : asked);

  it('waits until the attempt says that it may be sent', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const { exchange, ask, attempt } = exchangeOf({ ready: promise });
    const asked = ask();
    expect(asked.kind).toBe('wait');
    expect(() => exchange.head(head)).toThrow(AssertionFault);
    resolve(undefined);
    expect(await decided(asked)).toEqual({ kind: 'send' });
    exchange.head(head);
    exchange.complete();
    expect(attempt.outcome()).toMatchObject({ status: 200 });
  });

  it('never happens if somebody decides so while it waits; then there is nothing to record', async () => {
    const value = { status: 200, headers: {}, body: 'a', ended: 'complete' };
    const answered = exchangeOf({ ready: Promise.resolve({ outcome: { kind: 'value', value } as const }) });
    expect(await decided(answered.ask())).toMatchObject({ kind: 'answered', answer: { head: { status: 200 } } });
    const error = new Error('in doubt');
    const failed = exchangeOf({
      ready: Promise.resolve({ outcome: { kind: 'error', error: error as never } as const }),
    });
    expect(await decided(failed.ask())).toMatchObject({ answer: { head: undefined, end: { kind: 'broken', error } } });
    failed.exchange.fail(error);
    expect(failed.attempt.exchanges[0]?.outcome).toBeUndefined();
  });

  it('fails if the journal cannot be written', async () => {
    const error = new Error('disk full');
    const { attempt, ask } = exchangeOf({ ready: Promise.reject(error) });
    expect(await decided(ask())).toEqual({ kind: 'refused', error });
    expect(attempt.outcome()).toEqual({ failed: error });
  });

  it('is not recorded once the attempt was over before it could be sent', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const { attempt, exchange, halts, ask } = exchangeOf({ ready: promise });
    const asked = ask();
    const reason = new Error('timeout');
    attempt.abort(reason);
    resolve(undefined);
    await decided(asked);
    exchange.head(head);
    exchange.complete();
    expect(attempt.outcome()).toEqual({ ended: 'cancelled' });
    expect(halts).toEqual([reason]);
  });

  it('is not stopped while it waits: it fails when it is sent', async () => {
    const { attempt, exchange, ask } = exchangeOf({ ready: Promise.resolve(undefined) });
    const asked = ask();
    exchange.stop();
    expect(await decided(asked)).toEqual({ kind: 'send' });
    const error = new Error('aborted');
    exchange.fail(error);
    expect(attempt.outcome()).toEqual({ failed: error });
  });

  it('has a header with the key where the options name one', () => {
    const idempotencyHeader = ({ method }: SentRequest): string | undefined =>
      method === 'POST' ? 'x-key' : undefined;
    expect(sentExchange({ idempotencyHeader }).exchange.idempotencyHeader()).toEqual({ name: 'x-key', value: 'key' });
    expect(sentExchange({ idempotencyHeader: () => undefined }).exchange.idempotencyHeader()).toBeUndefined();
    expect(sentExchange().exchange.idempotencyHeader()).toBeUndefined();
  });
});

describe('what is recorded', () => {
  const headers = [
    ['X-More', 'a'],
    ['Date', 'b'],
  ] as const;
  const answered = (options: HttpEffectsOptions = {}): Opened => {
    const opened = sentExchange(options);
    opened.exchange.head({ ...head, statusText: 'Fine', headers });
    opened.exchange.take(bytes('he'));
    opened.exchange.take(bytes('llo'));
    return opened;
  };

  it('is a complete answer: what is compared, and beside it all that the node could see', () => {
    const { attempt, exchange } = answered({ responseHeaders: ['x-more'] });
    expect(exchange.isAnswering).toBe(true);
    exchange.complete();
    expect(exchange.isAnswering).toBe(false);
    expect(attempt.outcome()).toEqual({ status: 200, headers: { 'x-more': 'a' }, body: 'hello', ended: 'complete' });
    expect(attempt.exchanges[0]?.facts).toEqual({
      parts: [2, 3],
      answer: { statusText: 'Fine', headers, apart: [] },
    });
  });

  it('is an answer that broke off, with its error', () => {
    const { attempt, exchange } = answered();
    const error = new Error('reset');
    exchange.breakOff(error);
    expect(attempt.outcome()).toMatchObject({ body: 'hello', ended: 'broken', error });
  });

  it('is an answer that the node stopped reading', () => {
    const { attempt, exchange } = answered();
    exchange.cancel();
    expect(attempt.outcome()).toEqual({ status: 200, headers: {}, body: 'hello', ended: 'cancelled' });
  });

  it('is an error in place of an answer', () => {
    const { attempt, exchange } = sentExchange();
    const error = new Error('unreachable');
    exchange.fail(error);
    expect(attempt.outcome()).toEqual({ failed: error });
  });

  it('is the first end alone', () => {
    const { attempt, exchange } = answered();
    exchange.complete();
    exchange.breakOff(new Error('late'));
    exchange.fail(new Error('later'));
    exchange.take(bytes('more'));
    exchange.stop();
    expect(attempt.outcome()).toMatchObject({ body: 'hello', ended: 'complete' });
  });

  it('is one head', () => {
    const { exchange } = answered();
    expect(() => exchange.head(head)).toThrow(AssertionFault);
  });

  it('is nothing if the body is over the limit, which is reported once, without credentials', () => {
    const { attempt, exchange } = answered({ maxBodyBytes: 6 });
    exchange.take(bytes('!'));
    exchange.take(bytes('!'));
    exchange.take(bytes('!'));
    exchange.complete();
    expect(attempt.exchanges[0]).toMatchObject({ isForgotten: true });
    expect(attempt.exchanges[0]?.outcome).toBeUndefined();
    expect(attempt.unrecorded).toEqual([
      'POST https://api.test/v1/[redacted:api-key]: its answer is larger than may be recorded',
    ]);
  });

  it('is limited by all bodies that are open with the same options', () => {
    const options = { maxHeldBytes: 11 };
    const first = answered(options);
    const second = answered(options);
    second.exchange.take(bytes('over'));
    expect(second.attempt.exchanges[0]?.isForgotten).toBe(true);
    first.exchange.complete();
    expect(first.attempt.outcome()).toMatchObject({ body: 'hello' });
    const third = answered(options);
    third.exchange.complete();
    expect(third.attempt.outcome()).toMatchObject({ body: 'hello' });
  });

  it('names an answer whose digest a replay cannot keep', () => {
    const { attempt, exchange } = sentExchange();
    exchange.head({ ...head, encoding: 'gzip', headers: [['Content-Digest', 'sha-256=:x:']] });
    expect(attempt.unrecorded).toEqual([expect.stringContaining('is encoded and has a digest')]);
  });
});

describe('stopping', () => {
  it('makes a broken body a cancelled one, and takes what still arrives', () => {
    const { attempt, exchange } = sentExchange();
    exchange.head(head);
    exchange.stop();
    exchange.take(bytes('late'));
    exchange.breakOff(new Error('aborted'));
    expect(attempt.outcome()).toMatchObject({ body: 'late', ended: 'cancelled' });
  });

  it('does so too if the head arrives afterwards', () => {
    const { attempt, exchange } = sentExchange();
    exchange.stop();
    exchange.head(head);
    exchange.breakOff(new Error('aborted'));
    expect(attempt.outcome()).toMatchObject({ ended: 'cancelled' });
  });

  it('leaves a body that was complete in time complete', () => {
    const { attempt, exchange } = sentExchange();
    exchange.head(head);
    exchange.stop();
    exchange.complete();
    expect(attempt.outcome()).toMatchObject({ ended: 'complete' });
  });

  it('without an answer, leaves silence', () => {
    const { attempt, exchange } = sentExchange();
    exchange.stop();
    exchange.fail(new Error('aborted'));
    expect(attempt.outcome()).toEqual({ ended: 'cancelled' });
  });
});

describe('the end of the attempt', () => {
  it('leaves silence for an exchange without an answer, and halts it; what arrives later changes nothing', () => {
    const { attempt, exchange, halts } = sentExchange();
    attempt.exchanges[0]?.abandon();
    exchange.head(head);
    exchange.take(bytes('late'));
    exchange.complete();
    expect(attempt.outcome()).toEqual({ ended: 'cancelled' });
    const message: unknown = expect.stringContaining('[redacted:api-key]');
    expect(halts).toEqual([expect.objectContaining({ code: 'effect-abandoned', message })]);
  });

  it('cancels one that is being answered, and halts it with the reason of the abort', () => {
    const { attempt, exchange, halts } = sentExchange();
    exchange.head(head);
    exchange.take(bytes('some'));
    const reason = new Error('timeout');
    attempt.abort(reason);
    expect(attempt.outcome()).toMatchObject({ body: 'some', ended: 'cancelled' });
    expect(halts).toEqual([reason]);
  });
});
