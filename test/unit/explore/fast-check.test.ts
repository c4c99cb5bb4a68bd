import { expect, it } from 'vitest';
import { loadFastCheck } from '../../../src/explore/fast-check.ts';

it('says what to install where fast-check is missing, and why where it cannot be loaded', () => {
  const failing = (code: string) => () => {
    throw Object.assign(new Error('no such file'), { code });
  };
  expect(() => loadFastCheck(failing('MODULE_NOT_FOUND'))).toThrow(
    expect.objectContaining({ code: 'peer-missing', message: expect.stringContaining('not installed') }),
  );
  expect(() => loadFastCheck(failing('ERR_DLOPEN_FAILED'))).toThrow(/cannot be loaded: no such file/);
  expect(typeof loadFastCheck().assert).toBe('function');
});
