// Which class of an error is kept, and in which realm.
import { join } from 'node:path';
import { runInNewContext, runInThisContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { classOf, isError } from '../../../src/base/error-class.ts';
import { MalformedValue, decodeValue, encodeValue } from '../../../src/base/encode.ts';
import type { Json } from '../../../src/base/encode.ts';
import { canonicalValue } from '../../../src/base/value.ts';
import { errorIdentity } from '../../../src/journal/error/error-identity.ts';

class HttpError extends TypeError {}
function OldError(this: Error): void {
  this.message = 'old';
}
OldError.prototype = Object.create(TypeError.prototype, { constructor: { value: OldError } }) as object;

function byNode(): unknown {
  try {
    return join(1 as never);
  } catch (error) {
    return error;
  }
}

const kept = (error: unknown): Error & { readonly [key: string]: unknown } => canonicalValue(error, 'error') as never;

describe('the class of an error', () => {
  it.each<[string, unknown, string]>([
    ['of the language', new RangeError('no'), 'RangeError'],
    ['of the platform', new DOMException('no', 'AbortError'), 'DOMException'],
    ['that Node throws', byNode(), 'TypeError'],
    ['of another realm', runInNewContext('new SyntaxError("no")'), 'SyntaxError'],
    ['of the user', new HttpError('no'), 'Error'],
    ['of the user, in another realm', runInNewContext('new (class TypeError extends Error {})("no")'), 'Error'],
    ['of the user, as a function', Reflect.construct(OldError, []), 'Error'],
    [
      'of the user, by the name of one of the language',
      runInThisContext('new (class RangeError extends Error {})("no")'),
      'Error',
    ],
    ['of nothing', Object.setPrototypeOf(new TypeError('no'), Object.create(null) as object), 'Error'],
  ])('%s', (_what, error, name) => {
    expect(isError(error)).toBe(true);
    expect(classOf(error as Error)).toBe(name);
    const copy = kept(error);
    expect(Object.getPrototypeOf(copy)).toBe((globalThis as unknown as Record<string, typeof Error>)[name]?.prototype);
  });

  it('is that of an error that refuses to be looked at', () => {
    const trap = (): never => {
      throw new Error('a trap');
    };
    expect(classOf(new Proxy(new TypeError('no'), { getPrototypeOf: trap }))).toBe('Error');
  });
});

describe('a copy', () => {
  it('of a DOMException has its code, its cause and its own fields', () => {
    const error = Object.assign(new DOMException('no', { name: 'TimeoutError', cause: 'late' } as never), { at: 7 });
    expect(kept(error)).toMatchObject({ name: 'TimeoutError', message: 'no', code: 23, cause: 'late', at: 7 });
  });

  it('of an AggregateError has its errors, and a gap where one cannot be kept', () => {
    const error = new AggregateError([new RangeError('one'), () => 1, 'text'], 'no');
    error.errors.push(error);
    const copy = kept(error);
    expect(copy.errors).toEqual([expect.any(RangeError), undefined, 'text', undefined]);
    expect(Object.keys(copy)).toEqual([]);
    expect(Object.isFrozen(copy.errors)).toBe(true);
  });

  it('of an AggregateError whose errors are no list has none', () => {
    for (const errors of [7, undefined, { [Symbol.iterator]: 1 }])
      expect(Object.hasOwn(kept(Object.assign(new AggregateError([]), { errors })), 'errors')).toBe(false);
  });
});

describe('the encoding of an error', () => {
  it.each<[string, Error, object]>([
    ['by its name', new TypeError('no'), { name: 'TypeError', message: 'no' }],
    ['with a mark where the name does not say it', new DOMException('no', 'AbortError'), { class: 'DOMException' }],
    [
      'with a mark where the name says another',
      Object.assign(new HttpError('no'), {}),
      { name: 'TypeError', class: 'Error' },
    ],
    ['with the errors that it holds', new AggregateError([1], 'no'), { name: 'AggregateError', errors: [1] }],
  ])('says its class %s', (_how, error, says) => {
    expect((encodeValue(kept(error)) as { $error: Json }).$error).toMatchObject(says);
  });

  it('of version 1 is read as it was', () => {
    const json = { $error: { name: 'AggregateError', message: 'no', fields: { code: 'E', errors: 1 }, cause: 'x' } };
    const error = decodeValue(json);
    expect(error).toMatchObject({ name: 'AggregateError', message: 'no', code: 'E', errors: 1, cause: 'x' });
    expect(encodeValue(error)).toEqual(json);
  });

  it.each<Json>([
    { name: 'x', message: 'x', class: 'HttpError' },
    { name: 'x', message: 'x', class: 1 },
    { name: 'x', message: 'x', class: '__proto__' },
  ])('with another class is malformed: %j', (json) => {
    expect(() => decodeValue({ $error: json })).toThrow(MalformedValue);
  });

  it.each(['code', 'name', 'message', '__proto__', 'constructor'])('may have a field %s for any class', (field) => {
    for (const name of ['DOMException', 'AggregateError', 'TypeError']) {
      const fields = JSON.parse(`{${JSON.stringify(field)}:1}`) as Json;
      const json = { $error: { name: 'x', message: 'x', class: name, fields } };
      if (field === 'name' || field === 'message') expect(() => decodeValue(json)).toThrow(MalformedValue);
      else expect(Object.getOwnPropertyDescriptor(decodeValue(json), field)?.value).toBe(1);
    }
  });
});

it('errors of another class, or holding other errors, are told apart', () => {
  const same = (left: Error, right: Error): boolean =>
    JSON.stringify(errorIdentity(kept(left))) === JSON.stringify(errorIdentity(kept(right)));
  const abort = Object.assign(new Error('no'), { name: 'AbortError' });
  expect(same(abort, new DOMException('no', 'AbortError'))).toBe(false);
  expect(same(new AggregateError([new Error('a')], 'no'), new AggregateError([new Error('b')], 'no'))).toBe(false);
  expect(same(new AggregateError([new Error('a')], 'no'), new AggregateError([new Error('a')], 'no'))).toBe(true);
});
