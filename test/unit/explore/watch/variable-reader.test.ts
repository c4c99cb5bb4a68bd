import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RealmInspector } from '../../../../src/explore/watch/inspector.ts';
import { isUserScript } from '../../../../src/explore/watch/user-script.ts';
import { changesBetween } from '../../../../src/explore/watch/variable.ts';
import { VariableReader } from '../../../../src/explore/watch/variable-reader.ts';
import { liveSourcePaths } from '../../../../src/live/source-paths.ts';
import { idioms } from './idioms/idioms.ts';
import { touchLarge } from './idioms/large.ts';
import { unseen } from './idioms/unseen.ts';
import { limited } from './package/limited.ts';

let inspector: RealmInspector;
let reader: VariableReader;

beforeAll(() => {
  const opened = RealmInspector.open();
  if ('reason' in opened) throw new Error(opened.reason);
  inspector = opened;
  reader = new VariableReader({
    inspector,
    isUserScript,
    isOwnScript: liveSourcePaths.isOwn,
    environment: process.env,
  });
});
afterAll(() => inspector.close());

describe('a watch sees what changes', () => {
  test.each(Object.entries(idioms))('%s', async (_name, change) => {
    const before = reader.read([change]);
    change();
    await new Promise((resolve) => setImmediate(resolve));
    const changes = changesBetween(before, reader.read([change]));
    expect(changes.map(({ variable }) => variable.name)).not.toEqual([]);
  });

  test('of the process', () => {
    const home = process.cwd();
    const before = reader.read([]);
    process.chdir('/');
    try {
      const changes = changesBetween(before, reader.read([]));
      expect(changes.map(({ variable }) => variable.name)).toEqual(['process.cwd()']);
    } finally {
      process.chdir(home);
    }
  });

  test('and not that the parent of the process has ended', () => {
    const parent = Object.getOwnPropertyDescriptor(process, 'ppid') as PropertyDescriptor;
    const before = reader.read([]);
    Object.defineProperty(process, 'ppid', { ...parent, value: 1 });
    try {
      expect(changesBetween(before, reader.read([]))).toEqual([]);
    } finally {
      Object.defineProperty(process, 'ppid', parent);
    }
  });

  test('and says what it cannot see', () => {
    const { unread } = reader.read(unseen);
    expect([...unread.values()]).toEqual(
      expect.arrayContaining([
        'imports a module when it is called, whose variables are not reached',
        'state of native code, which cannot be read',
      ]),
    );
  });

  test('and nothing where nothing does', () => {
    const roots = Object.values(idioms);
    const before = reader.read(roots);
    expect(changesBetween(before, reader.read(roots))).toEqual([]);
    expect(before.values.size).toBeGreaterThan(40);
  });
});

test('a large binary is read as a whole, and seen when one number of it changes', () => {
  const before = reader.read([touchLarge]);
  expect([...before.unread.keys()].filter((path) => /(?:index|bytes)$/.test(path))).toEqual([]);
  touchLarge(4_999_999);
  const changed = changesBetween(before, reader.read([touchLarge])).map(({ variable }) => variable.name);
  expect(changed.sort()).toEqual(['bytes', 'index']);
});

test('what a package keeps for a variable of the user is named by that variable', async () => {
  const packaged = new VariableReader({
    inspector,
    isUserScript: (url) => isUserScript(url) && !url.endsWith('/package/limiter.ts'),
    isOwnScript: liveSourcePaths.isOwn,
    environment: {},
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  const before = packaged.read([limited]);
  const running = [limited(() => promise), limited(() => promise)];
  const changes = changesBetween(before, packaged.read([limited]));
  resolve();
  await Promise.all(running);
  expect([...new Set(changes.map(({ variable: { name, file } }) => `${name} in ${basename(file)}`))]).toEqual([
    'limit in limited.ts',
  ]);
});
