import type { ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { HeldRequest, sentBy } from '../../../../../src/live/http/node/held-request.ts';
import { RecordedSocket } from '../../../../../src/live/http/node/recorded-socket.ts';
import type { HttpEffectsOptions } from '../../../../../src/live/http/options/http-options.ts';
import type { ExchangeRequest, IdentifyRequest, OpenExchange } from '../../../../../src/port/attempt.ts';
import { RecordedAttempt } from '../../../../support/recorded-attempt.ts';
import type { AttemptAnswers } from '../../../../support/recorded-attempt.ts';
import { unsentRequest, unsentText } from '../../../../support/unsent-request.ts';

const patience = { timeout: 30_000, interval: 5 };

interface Held {
  readonly attempt: RecordedAttempt;
  readonly request: ClientRequest;
  /** What became of it: 'sent', or the socket or error that it was given. */
  readonly released: ('sent' | Duplex | Error | undefined)[];
}

function held(answers: AttemptAnswers = {}, options: HttpEffectsOptions = {}): Held {
  const attempt = new RecordedAttempt({ asksFirst: true, ...answers });
  const request = unsentRequest();
  const released: Held['released'] = [];
  new HeldRequest({
    request,
    asker: { attempt, options },
    sent: sentBy(request, 'api.test:80'),
    connect: () => released.push('sent'),
    giveSocket: (socket, error) => released.push(error ?? socket),
  }).start();
  return { attempt, request, released };
}

describe('a request of which nothing has to be known first', () => {
  const sent = (body: (request: ClientRequest) => void): Held => {
    const made = held({ asksFirst: false });
    body(made.request);
    return made;
  };

  it('is sent at once, and opened once its body is whole', () => {
    const { attempt, released } = sent((request) => request.write('a'));
    expect(released).toEqual(['sent']);
    expect([attempt.exchanges.length, attempt.sending.size]).toEqual([0, 1]);
    const ended = sent((request) => request.write('a') && request.end('b'));
    expect(ended.attempt.exchanges[0]?.request).toMatchObject({ method: 'POST', path: '/v1', body: 'ab' });
    expect(ended.attempt.sending.size).toBe(0);
  });

  it('that closes before its body is whole is recorded without one', () => {
    const { attempt } = sent((request) => {
      request.write('a');
      request.emit('close');
    });
    expect(attempt.exchanges[0]?.request).toMatchObject({ path: '/v1', unfinished: true });
    expect(attempt.exchanges[0]?.request).not.toHaveProperty('body');
    expect(attempt.outcome()).toMatchObject({ failed: { code: 'ABORT_ERR' } });
  });
});

describe('a held request', () => {
  it('whose body rests is asked about without it, and compared once it is whole', async () => {
    const compared: unknown[] = [];
    class Comparing extends RecordedAttempt {
      override openExchange(given: ExchangeRequest, identify: IdentifyRequest): OpenExchange {
        return {
          ...super.openExchange(given, identify),
          compare: (whole) => void compared.push(whole({ semantics: 2 })),
        };
      }
    }
    const attempt = new Comparing({ answer: () => ({ kind: 'silent' }) });
    const request = unsentRequest();
    const nothing = (): void => undefined;
    const asker = { attempt, options: {} };
    new HeldRequest({
      request,
      asker,
      sent: sentBy(request, 'api.test:80'),
      connect: nothing,
      giveSocket: nothing,
    }).start();
    request.write('a');
    await vi.waitFor(
      () => expect(attempt.exchanges[0]?.request).toMatchObject({ path: '/v1', unfinished: true }),
      patience,
    );
    request.end('b');
    expect(compared).toMatchObject([{ path: '/v1', body: 'ab' }]);
  });

  it('takes its whole body without a wait, and asks once that is complete', async () => {
    const { attempt, request, released } = held();
    expect(request.write(Buffer.alloc(1_000_000, 'a'))).toBe(true);
    await new Promise<void>((resolve) => request.write('b', () => resolve()));
    expect(attempt.exchanges).toEqual([]);
    request.end('c');
    expect(attempt.exchanges[0]?.request).toMatchObject({ method: 'POST', path: '/v1' });
    expect(attempt.exchanges[0]?.request.body).toMatch(/^a+bc$/);
    expect(released).toEqual(['sent']);
  });

  it('is sent only when the journal is durable, and asks only once, however often it is ended', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const { attempt, request, released } = held({ ready: promise });
    request.end();
    request.end();
    expect(released).toEqual([]);
    expect(attempt.exchanges).toHaveLength(1);
    resolve(undefined);
    await new Promise((turn) => setImmediate(turn));
    expect(released).toEqual(['sent']);
  });

  it('gets what somebody decided while it waited, and is not sent', async () => {
    const error = new Error('in doubt');
    const failed = held({ ready: Promise.resolve({ outcome: { kind: 'error', error: error as never } as const }) });
    failed.request.end();
    const value = { status: 204, headers: {}, body: '', ended: 'complete' };
    const answered = held({ ready: Promise.resolve({ outcome: { kind: 'value', value } as const }) });
    answered.request.end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(failed.released).toEqual([expect.any(RecordedSocket)]);
    expect(answered.released).toEqual([expect.any(RecordedSocket)]);
  });

  it('is refused if the journal cannot be written', async () => {
    const error = new Error('disk full');
    const { request, released } = held({ ready: Promise.reject(error) });
    request.end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(released).toEqual([error]);
  });

  it('is refused where its attempt is over', () => {
    const { attempt, request, released } = held();
    attempt.requests = 'refused';
    request.end();
    expect(released).toEqual([new Error('refused: POST http://api.test/v1')]);
  });

  it('is refused where the policy for its key fails, since it must not go out without one', () => {
    const error = new Error('policy');
    const { request, released } = held(
      {},
      {
        idempotencyHeader: () => {
          throw error;
        },
      },
    );
    request.end();
    expect(released).toEqual([error]);
  });

  it('goes out with its key', () => {
    const { request } = held({}, { idempotencyHeader: () => 'x-key' });
    request.end('body');
    expect(unsentText(request)).toContain('\r\nx-key: key\r\n\r\nbody');
  });

  it('is let go without a socket when the node stops it, and is not sent later', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const { request, released } = held({ ready: promise });
    request.end();
    request.destroy();
    expect(released).toEqual([undefined]);
    resolve(undefined);
    await new Promise((turn) => setImmediate(turn));
    expect(released).toEqual([undefined]);
  });

  it('that is never answered gets a socket that says nothing', () => {
    const { request, released } = held({ answer: () => ({ kind: 'silent' }) });
    request.end();
    request.destroy();
    expect(released).toEqual([expect.any(RecordedSocket)]);
  });

  it('records an error as the outcome, once', () => {
    const { attempt, request } = held();
    request.on('error', () => undefined);
    request.end();
    const error = new Error('unreachable');
    request.emit('error', error);
    request.emit('close');
    expect(attempt.outcome()).toEqual({ failed: error });
  });

  it('that closes without an answer was aborted', () => {
    const { attempt, request } = held();
    request.end();
    request.emit('close');
    expect(attempt.outcome()).toMatchObject({ failed: { code: 'ABORT_ERR', name: 'AbortError' } });
  });

  it('is stopped with the attempt, and leaves no error that nobody hears', () => {
    const { attempt, request } = held();
    request.end();
    const reason = new Error('timeout');
    attempt.abort(reason);
    expect(request.destroyed).toBe(true);
    expect(request.listenerCount('error')).toBe(1);
    expect(attempt.outcome()).toEqual({ ended: 'cancelled' });
  });

  it('with an invalid address fails in the call that makes it', () => {
    const asker = { attempt: new RecordedAttempt(), options: {} };
    const connect = (): void => undefined;
    const request = unsentRequest();
    const make = (): HeldRequest =>
      new HeldRequest({ request, asker, sent: sentBy(request, 'no host'), connect, giveSocket: connect });
    expect(make).toThrow(TypeError);
  });

  it('asks for the whole address where its path is one, as to a proxy', () => {
    const attempt = new RecordedAttempt();
    const request = unsentRequest({ path: 'http://other.test/x' });
    const connect = (): void => undefined;
    new HeldRequest({
      request,
      asker: { attempt, options: {} },
      sent: sentBy(request, 'proxy'),
      connect,
      giveSocket: connect,
    }).start();
    request.end();
    expect(attempt.exchanges[0]?.request).toMatchObject({ origin: 'http://other.test', path: '/x' });
  });
});
