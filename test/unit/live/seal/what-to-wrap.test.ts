import { describe, expect, it } from 'vitest';
import { whatToWrap } from '../../../../src/live/seal/what-to-wrap.ts';

const inPackage = (path: string): string => `at connect (node_modules/${path}:12:5)`;
const user = 'at ask (src/desk.ts:7:3)';

describe('what to wrap', () => {
  it.each<readonly [string, readonly string[], string]>([
    [
      'a driver',
      [inPackage('pg/lib/connection.js'), inPackage('pg/lib/client.js'), user],
      'what the node calls of pg ',
    ],
    ['a scoped one', [inPackage('@grpc/grpc-js/build/src/transport.js')], 'what the node calls of @grpc/grpc-js '],
    ['one below another', [inPackage('bson/lib/b.js'), inPackage('mongodb/lib/a.js'), user], 'calls of mongodb '],
    ['one on Windows', ['at connect (C:\\app\\node_modules\\ioredis\\built\\a.js:1:1)', user], 'calls of ioredis '],
    [
      'no test runner behind the code of the user',
      [user, inPackage('vitest/dist/run.js')],
      'the function that does it',
    ],
    ['nothing that is known', [], 'the function that does it'],
  ])('names %s', (_, frames, named) => {
    expect(whatToWrap(frames)).toContain(named);
    expect(whatToWrap(frames)).toMatch(/`context\.effect`.*`asEffect`$/);
  });
});
