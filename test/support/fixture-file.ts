import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from '../../src/journal/entry.ts';
import { openFixture } from '../../src/store/fixture/open-fixture.ts';
import { writeFixture } from '../../src/store/fixture/write-fixture.ts';
import type { ExportOptions } from '../../src/store/fixture/write-fixture.ts';
import { temporaryFolder } from './folder.ts';
import { collected, later } from './journals.ts';

export async function fixtureBytes(entries: Iterable<Entry>, options?: ExportOptions): Promise<Buffer> {
  const list = [...entries];
  return Buffer.concat(await collected(writeFixture(() => later(list), options)));
}

export function fileOf(bytes: Uint8Array | string, name = 'a.run.jsonl'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

/** All canonical entries of a file. */
export async function entriesOf(path: string): Promise<readonly Entry[]> {
  using fixture = await openFixture(path);
  return [...fixture.steps()].flatMap(({ entries }) => entries);
}

/** A fixture of any lines, with counts and digests that agree: what a hostile file would have. */
export function sealed(canonical: readonly string[], observed?: readonly string[]): string {
  const first = withEnd('', 'canonical', canonical);
  return observed === undefined ? first : withEnd(first, 'observed', observed);
}

function withEnd(before: string, block: string, lines: readonly string[]): string {
  const text = `${before}${lines.map((line) => `${line}\n`).join('')}`;
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  return `${text}${JSON.stringify({ block, digest, lines: lines.length })}\n`;
}
