// What nodes hand over without meaning to: values that throw as they are read, and such as could not be read back.
import { describe, expect, it } from 'vitest';
import { decodeValue, encodeValue } from '../../../src/base/encode.ts';
import { RepriseError } from '../../../src/base/error.ts';
import { canonicalValue, errorTextMax } from '../../../src/base/value.ts';
import { bigintDigitsMax, valueDepthMax } from '../../../src/base/value-fault.ts';
import type { Value } from '../../../src/base/value.ts';
import { decodeEntry, encodeEntry } from '../../../src/journal/codec/entry-codec.ts';
import { markCount } from '../../../src/journal/redact/redaction-mark.ts';
import { outcomeEntry } from '../../support/journals.ts';
import { thrownBy } from '../../support/thrown.ts';

function throwing<Kind extends object>(holder: Kind, key: string): Kind {
  return Object.defineProperty(holder, key, {
    enumerable: true,
    get: () => {
      throw new Error(`no ${key} for you`);
    },
  });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const trap = (): never => {
  throw new Error('a trap');
};

describe('a value that throws as it is read', () => {
  it.each<[string, object, string]>([
    ['by a getter', throwing({}, 'b'), 'x.a.b'],
    ['by a getter called constructor', Object.create(throwing({}, 'constructor')) as object, 'x.a'],
    ['by its keys', new Proxy({}, { ownKeys: trap }), 'x.a'],
    ['by its prototype', new Proxy({}, { getPrototypeOf: trap }), 'x.a'],
    ['since it is revoked', revoked(), 'x.a'],
    ['since it only looks like a Date', Object.create(Date.prototype) as object, 'x.a'],
    ['since it only looks like a Map', new Proxy(new Map(), {}), 'x.a'],
    ['since it only looks like bytes', Object.create(Uint8Array.prototype) as object, 'x.a'],
    ['since its bytes went elsewhere', transferred(), 'x.a'],
  ])('%s is refused with its path', (_how, value, path) => {
    expect(thrownBy(() => canonicalValue({ a: value }, 'x'))).toMatchObject({
      code: 'unstorable',
      fields: { path },
      cause: expect.any(Error),
    });
  });
});

function transferred(): Uint8Array {
  const bytes = new Uint8Array(4);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

describe('an error', () => {
  it.each(['field', 'cause'])('whose %s throws as it is read is kept without it', (key) => {
    const kept = canonicalValue(throwing(new RangeError('told'), key), 'error') as Error;
    expect(kept).toMatchObject({ name: 'RangeError', message: 'told' });
    expect(Object.hasOwn(kept, key)).toBe(false);
  });

  it.each([
    ['throws', throwing(new Error('told'), 'message')],
    ['is not a string', Object.assign(new Error('told'), { message: Object.create(null) as string })],
  ])('whose message %s is kept with its name', (_what, error) => {
    expect(canonicalValue(error, 'error')).toMatchObject({ name: 'Error', message: 'unreadable' });
  });

  it('whose name throws is kept with its message', () => {
    expect(canonicalValue(throwing(new Error('told'), 'name'), 'error')).toMatchObject({ message: 'told' });
  });

  it('that says too much is cut, and so is what is read of it', () => {
    const kept = canonicalValue(new Error('x'.repeat(errorTextMax + 1)), 'error') as Error;
    expect(kept.message).toHaveLength(errorTextMax);
    expect((decodeValue(encodeValue(kept)) as Error).message).toBe(kept.message);
  });
});

describe('a bigint', () => {
  it.each([10n ** BigInt(bigintDigitsMax) - 1n, 1n - 10n ** BigInt(bigintDigitsMax)])(
    'of as many digits as can be read back is kept',
    (value) => {
      expect(decodeValue(encodeValue(canonicalValue(value, 'x')))).toBe(value);
    },
  );

  it.each([10n ** BigInt(bigintDigitsMax), -(10n ** BigInt(bigintDigitsMax))])('of one more is refused', (value) => {
    for (const given of [value, { a: [value] }]) {
      const thrown = thrownBy(() => canonicalValue(given, 'x'));
      expect(thrown).toBeInstanceOf(RepriseError);
      expect(thrown).toMatchObject({ code: 'value-too-large', fields: { digitsMax: bigintDigitsMax } });
    }
  });

  it('counts by its length', () => {
    const long = Array.from({ length: 300 }, () => 10n ** 90_000n);
    expect(thrownBy(() => canonicalValue(long, 'x'))).toMatchObject({ code: 'value-too-large' });
  });
});

describe('a value that wraps what it was before, step by step', () => {
  const wrapped = (times: number): Value => {
    let state: Value = 'innermost';
    for (let step = 0; step < times; step += 1) state = canonicalValue({ before: state }, 'state');
    return state;
  };

  it('may grow as deep as one that is handed over whole', () => {
    const deepest = wrapped(valueDepthMax + 1);
    expect(decodeValue(encodeValue(deepest))).toEqual(deepest);
    expect(thrownBy(() => wrapped(valueDepthMax + 2))).toMatchObject({ code: 'value-too-deep' });
    const list = canonicalValue([wrapped(valueDepthMax)], 'list');
    expect(thrownBy(() => canonicalValue(new Map([['a', list]]), 'map'))).toMatchObject({ code: 'value-too-deep' });
  });

  it('as deep as may be still makes an entry', () => {
    const entry = outcomeEntry('1.0#1', { result: { status: 'done', delta: wrapped(valueDepthMax + 1) } });
    expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
    expect(markCount(entry)).toBe(0);
  });

  it('leaves what an error carries, where it is too deep', () => {
    const error = Object.assign(new Error('told'), { state: wrapped(valueDepthMax + 1), step: 7 });
    const kept = canonicalValue(error, 'error') as Error & { step: number };
    expect(kept).toMatchObject({ message: 'told', step: 7 });
    expect(kept).not.toHaveProperty('state');
  });
});
