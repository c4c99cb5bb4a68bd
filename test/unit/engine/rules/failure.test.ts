import { describe, expect, it } from 'vitest';
import { RepriseError } from '../../../../src/base/error.ts';
import type { ErrorCode } from '../../../../src/base/error.ts';
import { canonicalValue } from '../../../../src/base/value.ts';
import type { Value } from '../../../../src/base/value.ts';
import {
  codeOf,
  errorValue,
  failureInput,
  isFinal,
  runError,
  timeoutError,
} from '../../../../src/engine/rules/failure.ts';

const coded = (code: ErrorCode, detail: Partial<ConstructorParameters<typeof RepriseError>[2]> = {}): RepriseError =>
  new RepriseError(code, 'it went wrong', { nextStep: 'Try something else.', ...detail });
const frozen = Object.freeze({ list: Object.freeze([1]) });

describe('what a node threw', () => {
  it('keeps an error as it is: its name, message, fields and causes', () => {
    const thrown = Object.assign(new TypeError('broken', { cause: new Error('the reason') }), { code: 'EBROKEN' });
    const value = errorValue(thrown, 'ask') as Error & { readonly code: string };
    expect(value).toBeInstanceOf(Error);
    expect([value.name, value.message, value.code]).toEqual(['TypeError', 'broken', 'EBROKEN']);
    expect((value.cause as Error).message).toBe('the reason');
    expect(Object.isFrozen(value)).toBe(true);
  });

  it('keeps code and facts of an error of Reprise, and leaves out its advice', () => {
    const value = errorValue(coded('conflict', { fields: { field: 'a' }, cause: 'a text' }), 'ask') as Error;
    expect(value).toMatchObject({ name: 'RepriseError', code: 'conflict', fields: { field: 'a' } });
    expect(Object.keys(value)).not.toContain('nextStep');
    expect(value.cause).toMatchObject({ name: 'NonError', thrown: 'a text' });
  });

  it.each<[string, unknown, string, object]>([
    ['a text', 'no', 'the text "no"', { thrown: 'no' }],
    ['a number', 7, '7', { thrown: 7 }],
    ['undefined', undefined, 'undefined', {}],
    ['null', null, 'null', { thrown: null }],
    ['an object', { code: 1 }, 'an object', { thrown: { code: 1 } }],
  ])('becomes an error where it is %s, with the value in it', (_what, thrown, said, fields) => {
    const value = errorValue(thrown, 'ask') as Error;
    expect(value).toMatchObject({ name: 'NonError', message: expect.stringContaining(said), ...fields });
  });

  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a cyclic object', cyclic()],
  ])('becomes an error without the value where it is %s, which no journal holds', (_what, thrown) => {
    const value = errorValue(thrown, 'ask') as Error;
    expect(value.name).toBe('NonError');
    expect('thrown' in value).toBe(false);
  });

  it.each<[string, () => void]>([
    ['sets a field', () => void Object.assign(frozen, { list: [] })],
    ['adds a field', () => void Object.assign(frozen, { more: 1 })],
    ['deletes a field', () => deleteFrom(frozen)],
    ['pushes to a list', () => void (frozen.list as number[]).push(2)],
    ['defines a property', () => void Object.defineProperty(frozen, 'more', { value: 1 })],
  ])('says that the state was mutated where a node %s', (_what, mutate) => {
    expect(mutate).toThrow(TypeError);
    const value = errorValue(thrownFrom(mutate), 'culprit');
    expect(value).toMatchObject({ code: 'state-mutated', fields: { node: 'culprit' } });
    expect((value as Error).cause).toMatchObject({ name: 'TypeError' });
  });

  it('blames no node for a frozen value where none is known', () => {
    expect(
      errorValue(
        thrownFrom(() => void (frozen.list as number[]).push(2)),
        undefined,
      ),
    ).toMatchObject({
      name: 'TypeError',
    });
  });
});

describe('a further attempt', () => {
  it.each<ErrorCode>([
    'empty-route',
    'route-invalid',
    'node-output-invalid',
    'input-invalid',
    'schema-async',
    'schema-failed',
    'unstorable',
    'value-too-large',
    'value-too-deep',
    'state-mutated',
    'option-invalid',
    'once-changed',
    'resume-diverged',
    'effect-nested',
    'effect-missing',
    'effect-refused',
    'limit-reached',
  ])('cannot mend %s, which is a fault of the code', (code) => {
    expect(isFinal(errorValue(coded(code), 'ask'))).toBe(true);
  });

  it('may mend everything else', () => {
    expect(isFinal(errorValue(timeoutError('ask', 5), 'ask'))).toBe(false);
    expect(isFinal(errorValue(new Error('no network'), 'ask'))).toBe(false);
    expect(isFinal('unstorable')).toBe(false);
  });

  it('may mend an error of a user that has one of these codes by chance', () => {
    expect(isFinal(errorValue(Object.assign(new Error('mine'), { code: 'unstorable' }), 'ask'))).toBe(false);
  });
});

describe('the code of an error', () => {
  it('is a text of an error, and of nothing else', () => {
    expect(codeOf(errorValue(Object.assign(new Error(''), { code: 'E1' }), undefined))).toBe('E1');
    expect(codeOf(errorValue(Object.assign(new Error(''), { code: 1 }), undefined))).toBeUndefined();
    expect(codeOf(canonicalValue({ code: 'E1' }, 'value'))).toBeUndefined();
    expect(codeOf(undefined)).toBeUndefined();
  });
});

describe('a node that takes failures', () => {
  it('is told of the node, the code or else the name, the message and the attempts', () => {
    const error = errorValue(Object.assign(new Error('broken'), { code: 'EBROKEN' }), 'ask');
    expect(failureInput('ask', error, 3)).toEqual({ node: 'ask', code: 'EBROKEN', message: 'broken', attempts: 3 });
    expect(failureInput('ask', errorValue(new RangeError('far'), 'ask'), 1)).toMatchObject({ code: 'RangeError' });
    expect(failureInput('ask', 'a text' as Value, 1)).toMatchObject({ code: 'Error', message: 'a text' });
  });
});

describe('the error of a failed run', () => {
  it('wraps what a node threw, and names its task', () => {
    const cause = errorValue(new Error('broken'), 'ask');
    const error = runError(cause, '2.0', 'ask');
    expect(error).toMatchObject({ code: 'node-failed', fields: { task: '2.0', node: 'ask' } });
    expect(error.message).toContain('broken');
    expect(error.cause).toEqual(cause);
  });

  it('is the coded error itself where Reprise made it, with the task among its facts', () => {
    const error = runError(errorValue(timeoutError('ask', 5), 'ask'), '2.0', 'ask');
    expect(error).toMatchObject({
      code: 'node-timeout',
      fields: { node: 'ask', timeoutMs: 5, task: '2.0' },
    });
  });

  it('names no task where none is to blame', () => {
    const error = runError(errorValue(coded('conflict', { fields: { field: 'a' } }), undefined), undefined, undefined);
    expect([error.code, error.fields]).toEqual(['conflict', { field: 'a' }]);
  });
});

function cyclic(): object {
  const object: { self?: object } = {};
  object.self = object;
  return object;
}

function deleteFrom(object: object): void {
  delete (object as { list?: unknown }).list;
}

function thrownFrom(call: () => void): unknown {
  try {
    call();
  } catch (thrown) {
    return thrown;
  }
  throw new Error('nothing was thrown');
}
