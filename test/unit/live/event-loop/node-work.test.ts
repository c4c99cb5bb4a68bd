import { AsyncResource } from 'node:async_hooks';
import { scrypt, scryptSync, sign, subtle } from 'node:crypto';
import { generateKeyPairSync } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { watchWork, workUnderWay } from '../../../../src/live/event-loop/node-work.ts';
import { RunQuiet } from '../../../../src/live/event-loop/run-quiet.ts';
import { currentAttempt } from '../../../../src/port/attempt.ts';
import type { CurrentAttempt } from '../../../../src/port/attempt.ts';

const quiet = new RunQuiet();
const attempt = { at: '1.0#1', isOpen: true, isPerforming: false, ambient: { quiet } } as unknown as CurrentAttempt;
const { privateKey } = generateKeyPairSync('ed25519');
const kindsUnderWay = (): readonly string[] => workUnderWay(quiet).map(({ kind }) => kind);

describe('work of Node under way in an attempt', () => {
  let stop: () => void = () => undefined;
  beforeAll(() => {
    stop = watchWork();
  });
  afterAll(() => stop());

  it.each([
    ['a key that is derived', () => scryptSync('password', 'salt', 16)],
    ['a signature', () => sign(null, Buffer.from('text'), privateKey)],
  ])('is over with the call where it is done at once: %s', (_name, work) => {
    currentAttempt.run(attempt, work);
    expect(kindsUnderWay()).toEqual([]);
  });

  it.each([
    ['a key that is derived', async () => promisify(scrypt)('password', 'salt', 16)],
    ['a digest', async () => subtle.digest('SHA-256', Buffer.from('text'))],
    ['a small file', async () => readFile(import.meta.filename)],
    ['a large file', async () => readFile(process.execPath)],
    ['no file', async () => readFile(`${import.meta.filename}.none`).catch(String)],
    ['a folder', async () => readdir(import.meta.dirname)],
    ['what is known of a file', async () => stat(import.meta.filename)],
  ])('lasts until its answer has come: %s', async (_name, work) => {
    const done = currentAttempt.run(attempt, work as () => Promise<unknown>);
    expect(kindsUnderWay()).toEqual(['request']);
    await done;
    expect(kindsUnderWay()).toEqual([]);
  });

  it('is nothing that a library calls so: undici names its requests like this', () => {
    currentAttempt.run(attempt, () => new AsyncResource('UNDICI_REQUEST'));
    expect(kindsUnderWay()).toEqual([]);
  });
});
