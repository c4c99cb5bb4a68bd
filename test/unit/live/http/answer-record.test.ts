import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { AnswerRecord, answerBytesMax } from '../../../../src/live/http/answer-record.ts';

const head = { status: 200, headers: { 'content-type': 'text/plain' }, encoding: '' };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the record of an answer', () => {
  it('holds the bytes as they were when the node got them', () => {
    const record = new AnswerRecord(head);
    const part = bytes('ab');
    expect(record.take(part)).toBe('kept');
    part.fill(0);
    expect(record.take(new Uint8Array(0))).toBe('ignored');
    expect(record.take(bytes('c'))).toBe('kept');
    expect(record.end({ kind: 'complete' })).toEqual({
      outcome: { kind: 'value', value: { status: 200, headers: head.headers, body: 'abc', ended: 'complete' } },
      parts: [2, 1],
    });
  });

  it('keeps bytes that are no text as bytes', () => {
    const record = new AnswerRecord(head);
    record.take(new Uint8Array([255, 254]));
    expect(record.end({ kind: 'complete' }).outcome).toMatchObject({ value: { body: new Uint8Array([255, 254]) } });
  });

  it('decodes an encoded body, whose parts then say nothing', () => {
    const record = new AnswerRecord({ ...head, encoding: 'gzip' });
    const encoded = gzipSync('hello');
    record.take(encoded.subarray(0, 4));
    record.take(encoded.subarray(4));
    const { outcome, parts } = record.end({ kind: 'complete' });
    expect(outcome).toMatchObject({ value: { headers: head.headers, body: 'hello' } });
    expect(parts).toEqual([5]);
  });

  it('keeps a body that cannot be decoded as it is, with its encoding', () => {
    const record = new AnswerRecord({ ...head, encoding: 'unknown' });
    record.take(bytes('ab'));
    record.take(bytes('c'));
    const { outcome, parts } = record.end({ kind: 'complete' });
    expect(outcome).toMatchObject({
      value: { headers: { ...head.headers, 'content-encoding': 'unknown' }, body: 'abc' },
    });
    expect(parts).toEqual([2, 1]);
  });

  it('says how the body broke off', () => {
    const error = new Error('reset');
    const { outcome } = new AnswerRecord(head).end({ kind: 'broken', error });
    expect(outcome).toMatchObject({ value: { body: '', ended: 'broken', error } });
  });

  it.each([{ kind: 'complete' }, { kind: 'broken', error: new Error('reset') }] as const)(
    'is one of an answer that was not read further, once it is full and the answer was $kind',
    (ended) => {
      const record = new AnswerRecord(head);
      record.take(bytes('ab'));
      expect(record.take(new Uint8Array(answerBytesMax - 1))).toBe('full');
      expect(record.take(bytes('c'))).toBe('ignored');
      expect(record.byteCount).toBe(2);
      const { outcome } = record.end(ended);
      expect(outcome).toMatchObject({ value: { body: 'ab', ended: 'cancelled' } });
      expect(outcome).not.toHaveProperty('value.error');
    },
  );

  it('takes exactly as much as the limit', () => {
    const record = new AnswerRecord(head);
    expect(record.take(new Uint8Array(answerBytesMax))).toBe('kept');
    expect(record.take(bytes('c'))).toBe('full');
  });
});
