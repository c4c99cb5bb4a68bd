import { describe, expect, it } from 'vitest';
import type { Value } from '../../../../../src/base/value.ts';
import { recordedError, thrownError } from '../../../../../src/live/http/answer/recorded-error.ts';

const again = (error: unknown): Error => thrownError(recordedError(error));
const reset = (): Error => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104 });

describe('the error of an exchange', () => {
  it('comes back with its class, name, fields and cause, and can be changed', () => {
    const thrown = again(Object.assign(new TypeError('terminated', { cause: reset() }), { attempt: 1 }));
    expect(thrown).toBeInstanceOf(TypeError);
    expect(thrown).toMatchObject({ message: 'terminated', attempt: 1, cause: { code: 'ECONNRESET', errno: -104 } });
    expect(() => Object.assign(thrown, { attempt: 2 })).not.toThrow();
  });

  it('keeps a name of its own', () => {
    const thrown = again(Object.assign(new Error('aborted'), { name: 'AbortError', code: 'ABORT_ERR' }));
    expect(thrown).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' });
    expect(thrown.constructor).toBe(Error);
  });

  it('leaves out what only this machine knows, at every depth', () => {
    const failed = Object.assign(reset(), { address: '127.0.0.1', port: 4711, localPort: 1, remoteAddress: '::1' });
    const socket = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET', socket: { localPort: 5 } });
    const all = new AggregateError([failed, socket], 'all failed');
    const recorded = recordedError(new TypeError('fetch failed', { cause: all }));
    expect(JSON.stringify(Object.entries((recorded as Error).cause as object))).not.toMatch(/127|4711|::1|localPort/);
  });

  it('keeps where it was to connect to, as far as its message says so', () => {
    const said = { address: '127.0.0.1', port: 4711 };
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:4711'), said);
    expect(again(new TypeError('fetch failed', { cause: refused })).cause).toMatchObject(said);
    const other = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:47110'), said);
    expect(again(other)).not.toHaveProperty('port');
    const socket = { address: '/tmp/a.sock' };
    expect(again(Object.assign(new Error('connect ENOENT /tmp/a.sock'), socket))).toMatchObject(socket);
  });

  it('is written as Node writes its own', () => {
    const mismatch = Object.assign(new Error('not the host'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect(String(again(mismatch))).toBe('Error [ERR_TLS_CERT_ALTNAME_INVALID]: not the host');
    expect(String(again(Object.assign(mismatch, { code: 'ERR_SSL_WRONG_VERSION_NUMBER' })))).toBe(
      'Error: not the host',
    );
  });

  it('keeps all errors of several attempts to connect', () => {
    const thrown = again(Object.assign(new AggregateError([reset(), reset()], ''), { code: 'ECONNREFUSED' }));
    expect(thrown).toBeInstanceOf(AggregateError);
    expect(thrown).toMatchObject({ name: 'AggregateError', code: 'ECONNREFUSED' });
    expect((thrown as AggregateError).errors).toMatchObject([{ code: 'ECONNRESET' }, { code: 'ECONNRESET' }]);
  });

  it('is told by the brands of undici, like the original', () => {
    const original = Object.assign(new Error('other side closed'), { name: 'SocketError', code: 'UND_ERR_SOCKET' });
    const thrown = again(original) as unknown as Record<symbol, unknown>;
    expect(thrown[Symbol.for('undici.error.UND_ERR_SOCKET')]).toBe(true);
    expect(thrown[Symbol.for('undici.error.UND_ERR')]).toBe(true);
    expect(thrown).toMatchObject({ name: 'SocketError' });
    expect(thrown.constructor.name).toBe('SocketError');
  });

  it('need be no error, and may refer to itself', () => {
    expect(recordedError('a text')).toBe('a text');
    expect(recordedError(() => 1)).toBeInstanceOf(Error);
    const circle = new Error('circle');
    circle.cause = circle;
    expect(again(circle)).toMatchObject({ message: 'circle' });
  });

  it('is one of fetch where none was recorded', () => {
    expect(thrownError(undefined as Value)).toEqual(new TypeError('terminated'));
  });
});
