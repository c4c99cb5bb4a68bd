import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partStoreLaws } from '../../../../src/explore/index.ts';
import type { PartStore } from '../../../../src/port/part-store.ts';
import { isLasting } from '../../../../src/store/parts/lasting-fault.ts';
import { folderParts } from '../../../../src/store/parts/folder-parts.ts';
import { s3Parts } from '../../../../src/store/parts/s3-parts.ts';
import { authorization, sha256, signedPath } from '../../../../src/store/parts/s3-signature.ts';
import { thrownBy } from '../../../support/thrown.ts';
import { s3Keys, startS3 } from '../../../support/s3-server.ts';
import type { S3Server } from '../../../support/s3-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'reprise-parts-'));
let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(async () => {
  await s3.close();
  rmSync(folder, { recursive: true, force: true });
});

const inBucket = (): PartStore =>
  s3Parts({ ...s3Keys, endpoint: s3.endpoint, bucket: 'runs', prefix: 'of desk (1)/', sessionToken: 'a token' });

/** A place in memory, as the laws want it, and with faults. */
function memoryParts(changes: (objects: Map<string, Uint8Array>) => Partial<PartStore> = () => ({})): () => PartStore {
  const objects = new Map<string, Uint8Array>();
  return () => ({
    put: async (key, bytes) => void objects.set(key, Uint8Array.from(bytes)),
    get: async (key) => objects.get(key),
    delete: async (key) => void objects.delete(key),
    ...changes(objects),
  });
}

const broken: Readonly<Record<string, readonly [law: string, store: () => PartStore]>> = {
  'keeps text': [
    'what was put is there',
    memoryParts((objects) => ({
      put: async (key, bytes) => void objects.set(key, Buffer.from(Buffer.from(bytes).toString('utf8'))),
    })),
  ],
  'throws for what is not there': [
    'under a key that nothing',
    memoryParts((objects) => ({
      get: async (key) => objects.get(key) ?? Promise.reject(new Error('no such key')),
    })),
  ],
  'adds what is put again': [
    'what is put again',
    memoryParts((objects) => ({
      put: async (key, bytes) => void objects.set(key, Buffer.concat([objects.get(key) ?? new Uint8Array(), bytes])),
    })),
  ],
  'deletes all keys that begin alike': [
    'what was deleted is gone',
    memoryParts((objects) => ({
      delete: async (key) => {
        for (const each of objects.keys()) if (each.startsWith(key)) objects.delete(each);
      },
    })),
  ],
  'deletes only what is there': [
    'to delete what is not there',
    memoryParts((objects) => ({
      delete: async (key) => {
        if (!objects.delete(key)) throw new Error('no such key');
      },
    })),
  ],
  'keeps the bytes of its caller': [
    'bytes are kept as they were',
    memoryParts((objects) => ({ put: async (key, bytes) => void objects.set(key, bytes) })),
  ],
  'forgets one of two that come together': [
    'many are put',
    memoryParts((objects) => ({
      put: async (key, bytes) => {
        const before = new Map(objects);
        await Promise.resolve();
        objects.clear();
        for (const [each, known] of before) objects.set(each, known);
        objects.set(key, Uint8Array.from(bytes));
      },
    })),
  ],
};

describe('places for large parts', () => {
  it.each(partStoreLaws)('a folder: $name', ({ check }) => check(() => folderParts(folder)));
  it.each(partStoreLaws)('a bucket: $name', ({ check }) => check(inBucket));
  it.each(partStoreLaws)('memory: $name', ({ check }) => check(memoryParts()));

  it('break each of the laws if they have its fault', async () => {
    const caught = Object.values(broken).map(([law]) => law);
    expect(partStoreLaws.filter(({ name }) => !caught.some((law) => name.startsWith(law)))).toEqual([]);
    for (const [law, store] of Object.values(broken)) {
      const [by, ...more] = partStoreLaws.filter(({ name }) => name.startsWith(law));
      expect(more).toEqual([]);
      await expect(by?.check(store)).rejects.toThrow();
    }
  });

  it('leaves no drafts and no empty folders', async () => {
    const own = mkdtempSync(join(folder, 'own-'));
    const store = folderParts(own);
    await store.put('store/7/1', Uint8Array.of(1));
    expect(readdirSync(own, { recursive: true })).toEqual(['store', 'store/7', 'store/7/1']);
    await store.delete('store/7/1');
    expect(readdirSync(own, { recursive: true })).toEqual(['store']);
  });

  it('takes what a killed process has left of a part away with it', async () => {
    const own = mkdtempSync(join(folder, 'left-'));
    const store = folderParts(own);
    await store.put('store/7/1', Uint8Array.of(1));
    await store.put('store/7/11', Uint8Array.of(1));
    for (const name of ['1.tmp', '11.tmp', '2.tmp']) writeFileSync(join(own, 'store/7', name), 'half of it');
    await store.delete('store/7/1');
    expect(readdirSync(join(own, 'store/7')).sort()).toEqual(['11', '11.tmp', '2.tmp']);
    // What is there of a part does not keep it from being put again.
    await store.put('store/7/2', Uint8Array.of(2));
    expect(await store.get('store/7/2')).toEqual(Buffer.of(2));
    await store.delete('store/7/2');
    expect(readdirSync(join(own, 'store/7')).sort()).toEqual(['11', '11.tmp']);
    await store.delete('store/7/11');
    expect(readdirSync(own, { recursive: true })).toEqual(['store']);
  });

  it.each(['../out', '/etc/passwd', 'a//b', 'a/..', 'a\0'])('never leaves its folder: %j', async (key) => {
    await expect(async () => folderParts(folder).get(key)).rejects.toMatchObject({ code: 'option-invalid' });
  });

  it('says so where there is no such bucket, whatever is asked', async () => {
    const store = s3Parts({ ...s3Keys, endpoint: s3.endpoint, bucket: 'nobodys' });
    for (const ask of [
      () => store.put('store/7/1', Uint8Array.of(1)),
      () => store.get('store/7/1'),
      () => store.delete('store/7/1'),
    ])
      await expect(ask()).rejects.toMatchObject({ code: 'store-unreachable', fields: { status: 404 } });
  });

  it.each<[lasts: boolean, what: string, thrown: unknown]>([
    [true, 'no permission in a folder', Object.assign(new Error('no'), { code: 'EACCES' })],
    [true, 'a file system that is read-only', Object.assign(new Error('no'), { code: 'EROFS' })],
    [false, 'a full disk', Object.assign(new Error('no'), { code: 'ENOSPC' })],
    [false, 'a stale handle', Object.assign(new Error('no'), { code: 'ESTALE' })],
    [
      false,
      'a connection that is refused',
      Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } }),
    ],
    [true, 'a 403 of a client', Object.assign(new Error('no'), { $metadata: { httpStatusCode: 403 } })],
    [true, 'a 404 of a client', Object.assign(new Error('no'), { statusCode: 404 })],
    [false, 'a 429 of a client', Object.assign(new Error('no'), { status: 429 })],
    [false, 'a 503 of a client', Object.assign(new Error('no'), { status: 503 })],
    [false, 'nothing', undefined],
  ])('whether it is the same again next time (%s): %s', (lasts, what, thrown) => {
    // On Windows, who looks at a file keeps it from others.
    expect(isLasting(thrown)).toBe(lasts && !(process.platform === 'win32' && what.startsWith('no permission')));
  });

  it('says what a bucket answers, and no key', async () => {
    const store = s3Parts({ ...s3Keys, secretAccessKey: 'wrong', endpoint: s3.endpoint, bucket: 'runs' });
    const failed: unknown = await store.put('store/7/1', Uint8Array.of(1)).catch((thrown: unknown) => thrown);
    expect(failed).toMatchObject({ code: 'store-unreachable', message: expect.stringContaining('403') });
    expect(isLasting(failed)).toBe(true);
    expect(JSON.stringify(failed) + String(failed)).not.toContain('wrong');
  });

  it.each([
    [{ endpoint: 'runs', bucket: 'runs' }, 'endpoint'],
    [{ endpoint: 'ftp://s3.example', bucket: 'runs' }, 'endpoint'],
    [{ endpoint: 'http://s3.example', bucket: '' }, 'bucket'],
  ])('checks its options: %j', (options, option) => {
    expect(() => s3Parts({ ...s3Keys, ...options })).toThrow(
      expect.objectContaining({ code: 'option-invalid', fields: expect.objectContaining({ option }) }),
    );
  });
});

it.each(['/?token=sesame-open', '/?', '/#sesame-open', 'http://key:sesame-open@s3.example/'])(
  'an endpoint is a server and a path, and what is refused is not shown: %j',
  (given) => {
    const endpoint = given.startsWith('/') ? `http://s3.example${given}` : given;
    const refused = thrownBy(() => s3Parts({ ...s3Keys, endpoint, bucket: 'runs' }));
    expect(refused).toMatchObject({ code: 'option-invalid', fields: { option: 'endpoint' } });
    expect(JSON.stringify(refused) + String((refused as Error).stack)).not.toContain('sesame-open');
  },
);

// The examples of Amazon's own description of the signature.
describe('a signature of Amazon', () => {
  const keys = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    region: 'us-east-1',
  };
  const time = '20130524T000000Z';
  const signatureOf = (method: string, path: string, headers: Record<string, string>, body = ''): string => {
    const payload = sha256(body);
    const all = { ...headers, 'x-amz-content-sha256': payload, 'x-amz-date': time };
    const url = new URL(`https://examplebucket.s3.amazonaws.com${path}`);
    return authorization({ method, url, headers: all, payload }, keys, time).split('Signature=')[1] as string;
  };

  it('is that of a read', () => {
    const signature = signatureOf('GET', '/test.txt', { range: 'bytes=0-9' });
    expect(signature).toBe('f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41');
  });

  it('is that of a write', () => {
    const headers = { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' };
    const signature = signatureOf('PUT', signedPath('/test$file.text'), headers, 'Welcome to Amazon S3.');
    expect(signature).toBe('98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd');
  });

  it('is that of a list', () => {
    const signature = signatureOf('GET', '/?max-keys=2&prefix=J', {});
    expect(signature).toBe('34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7');
  });
});
