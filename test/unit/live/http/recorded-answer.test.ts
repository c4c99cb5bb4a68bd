import { describe, expect, it } from 'vitest';
import type { Value } from '../../../../src/base/value.ts';
import { readRecordedAnswer, thrownError } from '../../../../src/live/http/recorded-answer.ts';

const recorded = { status: 200, headers: {}, body: 'hello', ended: 'complete' };
const textsOf = (value: Value, lengths?: readonly number[]): readonly string[] =>
  readRecordedAnswer(value, lengths).parts.map((part) => Buffer.from(part).toString());

describe('a recorded answer', () => {
  it('comes in the parts in which it once arrived', () => {
    expect(textsOf(recorded, [2, 0, 3])).toEqual(['he', 'llo']);
  });

  it('comes in one part where the lengths are not those of its body', () => {
    expect(textsOf(recorded, [2, 2])).toEqual(['hello']);
    expect(textsOf(recorded)).toEqual(['hello']);
    expect(textsOf({ ...recorded, body: '' })).toEqual([]);
  });

  it('is copied: the node may change what it gets', () => {
    const body = new Uint8Array([1, 2, 3]);
    const value = { ...recorded, body };
    readRecordedAnswer(value, [3]).parts[0]?.fill(9);
    expect(body).toEqual(new Uint8Array([1, 2, 3]));
  });

  it('ends as it ended', () => {
    expect(readRecordedAnswer(recorded, undefined).end).toEqual({ kind: 'complete' });
    const error = new Error('reset');
    expect(readRecordedAnswer({ ...recorded, ended: 'broken', error }, undefined).end).toEqual({
      kind: 'error',
      error,
    });
    expect(readRecordedAnswer({ ...recorded, ended: 'cancelled' }, undefined).end).toMatchObject({
      kind: 'error',
      error: { code: 'resume-diverged' },
    });
  });

  it.each([
    ['no object', 'text'],
    ['null', null],
    ['no status', { headers: {}, body: '' }],
    ['no headers', { status: 200, body: '' }],
    ['no body', { status: 200, headers: {} }],
  ])('with %s is damaged', (_what, value) => {
    expect(() => readRecordedAnswer(value, undefined)).toThrow(expect.objectContaining({ code: 'store-unreadable' }));
  });
});

describe('a recorded error', () => {
  it('is thrown with its name, fields and cause, and can be changed', () => {
    const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    const given = Object.freeze(Object.assign(new TypeError('terminated', { cause }), { attempt: 1 }));
    const thrown = thrownError(given);
    expect(thrown).toBeInstanceOf(TypeError);
    expect(thrown).toMatchObject({ message: 'terminated', attempt: 1, cause: { code: 'ECONNRESET' } });
    expect(() => Object.assign(thrown, { attempt: 2 })).not.toThrow();
  });

  it('keeps a name of its own', () => {
    const given = Object.assign(new Error('aborted'), { name: 'AbortError' });
    expect(thrownError(given).name).toBe('AbortError');
  });

  it('is one of fetch where none was recorded', () => {
    expect(thrownError(undefined)).toEqual(new TypeError('terminated'));
  });
});
