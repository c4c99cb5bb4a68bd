import { describe, expect, it } from 'vitest';
import type { Value } from '../../../../../src/base/value.ts';
import type { OutcomeFacts } from '../../../../../src/journal/entry.ts';
import { hasBody, readRecordedAnswer, silence } from '../../../../../src/live/http/answer/recorded-answer.ts';
import type { RecordedAnswer } from '../../../../../src/live/http/answer/recorded-answer.ts';

const recorded = { status: 200, headers: { link: 'x' }, body: 'hello', ended: 'complete' };
const answerOf = (value: Value, facts?: OutcomeFacts): RecordedAnswer =>
  readRecordedAnswer({ kind: 'value', value }, facts);
const textsOf = (value: Value, facts?: OutcomeFacts): readonly string[] =>
  answerOf(value, facts).parts.map((part) => Buffer.from(part).toString());

describe('a recorded answer', () => {
  it('comes in the parts in which it once arrived', () => {
    expect(textsOf(recorded, { parts: [2, 0, 3] })).toEqual(['he', 'llo']);
  });

  it('keeps empty parts of an encoded body: they hold something before it is decoded', () => {
    expect(textsOf(recorded, { parts: [2, 0, 3], answer: { headers: [], encoding: 'br' } })).toEqual(['he', '', 'llo']);
  });

  it('comes in one part where the lengths are not those of its body', () => {
    expect(textsOf(recorded, { parts: [2, 2] })).toEqual(['hello']);
    expect(textsOf(recorded)).toEqual(['hello']);
    expect(textsOf({ ...recorded, body: '' })).toEqual([]);
  });

  it('is copied: the node may change what it gets', () => {
    const body = new Uint8Array([1, 2, 3]);
    answerOf({ ...recorded, body }, { parts: [3] }).parts[0]?.fill(9);
    expect(body).toEqual(new Uint8Array([1, 2, 3]));
  });

  it('has all that was recorded of its head', () => {
    const headers = [
      ['Set-Cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ] as const;
    const answer = {
      statusText: 'Fine',
      headers,
      url: '/other',
      redirected: true,
      type: 'cors',
      encoding: 'gzip',
    } as const;
    expect(answerOf(recorded, { answer }).head).toEqual({
      ...answer,
      status: 200,
      interim: [],
      isPartial: false,
      isDecoded: false,
    });
  });

  it('has the compared headers where nothing else was kept', () => {
    expect(answerOf({ ...recorded, status: 404 }).head).toMatchObject({
      statusText: 'Not Found',
      headers: [['link', 'x']],
      isPartial: true,
      redirected: false,
    });
  });

  it('ends as it ended', () => {
    const trailers = [['x', 'y']] as const;
    expect(answerOf(recorded, { answer: { headers: [], trailers } }).end).toEqual({ kind: 'complete', trailers });
    const error = new Error('reset');
    expect(answerOf({ ...recorded, ended: 'broken', error }).end).toEqual({ kind: 'broken', error });
    expect(answerOf({ ...recorded, ended: 'broken' }).end).toEqual({ kind: 'broken', error: undefined });
    expect(answerOf({ ...recorded, ended: 'cancelled' }).end).toEqual({ kind: 'silent' });
    const aborted = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    expect(answerOf({ ...recorded, ended: 'broken', error: aborted }).end).toEqual({
      kind: 'broken',
      error: undefined,
    });
  });

  it('is an error, or silence, where no answer came', () => {
    const error = new Error('refused');
    const end = { kind: 'broken', error };
    expect(readRecordedAnswer({ kind: 'error', error }, undefined)).toEqual({ head: undefined, parts: [], end });
    expect(answerOf({ ended: 'cancelled' })).toEqual(silence);
  });

  it.each([
    ['no object', 'text'],
    ['null', null],
    ['no status', { headers: {}, body: '' }],
    ['no headers', { status: 200, body: '' }],
    ['no body', { status: 200, headers: {} }],
  ])('with %s is damaged', (_what, value) => {
    expect(() => answerOf(value)).toThrow(expect.objectContaining({ code: 'store-unreadable' }));
  });

  it('has no body where there can be none', () => {
    expect(hasBody('GET', 200)).toBe(true);
    expect(hasBody('HEAD', 200)).toBe(false);
    expect(hasBody('GET', 304)).toBe(false);
  });
});
