import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { AnswerRecord } from '../../../../../src/live/http/answer/answer-record.ts';
import type { AnswerHead } from '../../../../../src/live/http/answer/answer-record.ts';
import { HeldBytes } from '../../../../../src/live/http/body/body-limits.ts';

const compared = { 'content-type': 'text/plain' };
const facts = { statusText: 'Fine', headers: [['Content-Type', 'text/plain']] } as const;
const head: AnswerHead = { status: 200, facts, compared, encoding: '' };
const held = new HeldBytes(1_000);
const limits = { bodyBytesMax: 100, held };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the record of an answer', () => {
  it('holds the bytes as they were when the node got them', () => {
    const record = new AnswerRecord(head, limits);
    const part = bytes('ab');
    expect(record.take(part)).toBe(true);
    part.fill(0);
    expect(record.take(new Uint8Array(0))).toBe(true);
    expect(record.take(bytes('c'))).toBe(true);
    expect(record.end({ kind: 'complete' })).toEqual({
      outcome: { kind: 'value', value: { status: 200, headers: compared, body: 'abc', ended: 'complete' } },
      facts: { parts: [2, 1], answer: facts },
    });
  });

  it('keeps bytes that are no text as bytes', () => {
    const record = new AnswerRecord(head, limits);
    record.take(new Uint8Array([255, 254]));
    expect(record.end({ kind: 'complete' }).outcome).toMatchObject({ value: { body: new Uint8Array([255, 254]) } });
  });

  it('decodes an encoded body, and tells what each part held', () => {
    const record = new AnswerRecord({ ...head, encoding: 'gzip' }, limits);
    const encoded = gzipSync('hello');
    record.take(encoded.subarray(0, 12));
    record.take(encoded.subarray(12));
    const ended = record.end({ kind: 'complete' });
    expect(ended.outcome).toMatchObject({ value: { headers: compared, body: 'hello' } });
    expect(ended.facts.answer?.encoding).toBe('gzip');
    expect(ended.facts.parts).toHaveLength(2);
    expect(ended.facts.parts?.reduce((sum, length) => sum + length)).toBe(5);
  });

  it('keeps a body that cannot be decoded as it is, with its encoding', () => {
    const record = new AnswerRecord({ ...head, encoding: 'unknown' }, limits);
    record.take(bytes('ab'));
    record.take(bytes('c'));
    const ended = record.end({ kind: 'complete' });
    expect(ended.outcome).toMatchObject({
      value: { headers: { ...compared, 'content-encoding': 'unknown' }, body: 'abc' },
    });
    expect(ended.facts).toEqual({ parts: [2, 1], answer: facts });
  });

  it('says how the body broke off', () => {
    const error = new Error('reset');
    const { outcome } = new AnswerRecord(head, limits).end({ kind: 'broken', error });
    expect(outcome).toMatchObject({ value: { body: '', ended: 'broken', error } });
  });

  it('keeps trailers', () => {
    const trailers = [['X-Sum', '1']] as const;
    const ended = new AnswerRecord(head, limits).end({ kind: 'complete', trailers });
    expect(ended.facts.answer).toEqual({ ...facts, trailers });
  });

  it('takes exactly as much as the limit, and lets the whole body go beyond it', () => {
    const record = new AnswerRecord(head, limits);
    expect(record.take(new Uint8Array(limits.bodyBytesMax))).toBe(true);
    expect(record.isLetGo).toBe(false);
    expect(record.take(bytes('c'))).toBe(false);
    expect(record.take(bytes('d'))).toBe(false);
    expect(record.isLetGo).toBe(true);
  });

  it('holds no more than there is room for, and gives the room back', () => {
    const room = { bodyBytesMax: 100, held: new HeldBytes(10) };
    const first = new AnswerRecord(head, room);
    expect(first.take(bytes('12345678'))).toBe(true);
    const second = new AnswerRecord(head, room);
    expect(second.take(bytes('abc'))).toBe(false);
    first.release();
    expect(new AnswerRecord(head, room).take(bytes('1234567890'))).toBe(true);
  });
});
