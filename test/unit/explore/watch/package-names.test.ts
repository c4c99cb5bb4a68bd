import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { isMadeByPackage, isOfPackage, lineOf } from '../../../../src/explore/watch/package-names.ts';
import { temporaryFolder } from '../../../support/folder.ts';

it('tells what a package exports from what a file holds itself', () => {
  const file = join(temporaryFolder(), 'desk.ts');
  writeFileSync(
    file,
    `import { z } from 'zod';
import OpenAI, { type Chat, toFile as asFile } from 'openai';
import * as ai from "@ai-sdk/openai";
import type { Only } from 'types';
import { cache } from './cache.ts';
import { join } from 'node:path';
import path from 'path';
const { PQueue: Queue, other } = require('p-queue');
let winner = z.string();
`,
  );
  const names = [
    'z',
    'z.core',
    'OpenAI',
    'asFile',
    'toFile',
    'ai',
    'Queue',
    'other',
    'cache',
    'join',
    'path',
    'winner',
    'Only',
  ];
  const ofPackages = (at: string): readonly string[] =>
    names.filter((name) => isOfPackage({ name, file: at, scope: 'module' } as never));
  expect(ofPackages(file)).toEqual(['z', 'z.core', 'OpenAI', 'asFile', 'ai', 'Queue', 'other']);
  expect(ofPackages(pathToFileURL(file).href)).toEqual(ofPackages(file));
  expect(ofPackages(`${file}.gone`)).toEqual([]);
});

it('says on which line a variable is declared, where one line says so', () => {
  const file = join(temporaryFolder(), 'desk.ts');
  writeFileSync(
    file,
    `// const limit\nexport const limit = 1;\nlet twice;\n{\n  let twice;\n}\nasync function $go() {}\n`,
  );
  const line = (name: string): number | undefined => lineOf({ name, file, scope: 'Module' });
  expect(['limit', 'twice', '$go', 'lim', 'a.b'].map(line)).toEqual([2, undefined, 7, undefined, undefined]);
});

it('tells what a package has made from what the code of the user keeps', () => {
  const file = join(temporaryFolder(), 'desk.ts');
  writeFileSync(
    file,
    `import OpenAI from 'openai';
import pLimit from 'p-limit';
import { PQueue } from 'p-queue';
import * as redis from 'redis';
import { open } from './own.ts';
const openai = new OpenAI({ maxRetries: 0 });
export const limit: ReturnType<typeof pLimit> = pLimit(2);
let queue: PQueue | undefined;
function queued() { return (queue ??= new PQueue<string>({ concurrency: 1 })); }
const client = await redis.createClient();
const breaker = { open: false };
let cursor = 0;
const file = open('notes');
const made = OpenAI;
`,
  );
  const names = ['openai', 'limit', 'queue', 'client', 'breaker', 'cursor', 'file', 'made', 'open', 'a.b'];
  expect(names.filter((name) => isMadeByPackage({ name, file }))).toEqual(['openai', 'limit', 'queue', 'client']);
});
