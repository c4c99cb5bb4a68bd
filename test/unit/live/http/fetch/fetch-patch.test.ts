// `fetch` is replaced whichever way the global object holds it: in a context of `node:vm`, as `vmThreads` and `vmForks` of
// vitest make them, it is an accessor.
import { afterEach, expect, it } from 'vitest';
import { patchFetch } from '../../../../../src/live/http/fetch/fetch-patch.ts';

const own = Object.getOwnPropertyDescriptor(globalThis, 'fetch') as PropertyDescriptor;
afterEach(() => void Object.defineProperty(globalThis, 'fetch', own));

const answer = async (): Promise<Response> => new Response('answer');
const passing = {
  who: () => undefined,
  noteNobodys: () => undefined,
  passNobodys: <Result>(_host: unknown, _starting: unknown, call: () => Result): Result => call(),
};

it.each<[string, PropertyDescriptor]>([
  ['a value', { value: answer, writable: true, enumerable: true, configurable: true }],
  ['a hidden value', { value: answer, writable: true, enumerable: false, configurable: true }],
  ['a getter', { get: () => answer, enumerable: true, configurable: true }],
  ['an accessor', { get: () => answer, set: () => undefined, enumerable: false, configurable: true }],
])('replaces %s, and gives it back', async (_what, descriptor) => {
  Object.defineProperty(globalThis, 'fetch', descriptor);
  const undo = patchFetch(passing as never);
  expect(globalThis.fetch).not.toBe(answer);
  expect(await (await fetch('http://localhost/')).text()).toBe('answer');
  expect(Object.getOwnPropertyDescriptor(globalThis, 'fetch')).toMatchObject({
    writable: true,
    configurable: true,
    enumerable: descriptor.enumerable,
  });
  undo();
  expect(Object.getOwnPropertyDescriptor(globalThis, 'fetch')).toEqual(descriptor);
});
