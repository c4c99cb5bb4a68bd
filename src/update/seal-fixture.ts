// Renews the digests of a fixture that somebody has changed on purpose, and marks the file as edited.
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import type { Json } from '../base/encode.ts';
import { RepriseError } from '../base/error.ts';
import { lineText } from '../journal/codec/parts.ts';
import { readFixture } from '../replay/read-fixture.ts';
import { damagedError, unreadableError } from '../store/fixture/file/fixture-error.ts';
import { LineReader } from '../store/fixture/file/line-reader.ts';
import { openFixture } from '../store/fixture/open-fixture.ts';
import { saveFixture } from '../store/fixture/file/save-fixture.ts';
import { unpacked } from '../store/fixture/file/unpacked-file.ts';

/** `unchanged`: its digests fit, so nobody has changed it since it was written or sealed. */
export type SealVerdict = 'sealed' | 'unchanged';

/**
 * Seals a fixture after a deliberate edit: its digests and counts are renewed, and its header says that it was edited. A
 * file that is no fixture any more stays as it is.
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`, `fixture-unwritable`
 */
export async function sealFixture(path: string): Promise<SealVerdict> {
  if (await isWhole(path)) return 'unchanged';
  const plain = path.endsWith('.zst') ? await unpacked(path) : { path, remove: () => undefined };
  const file = openPlain(plain.path, path);
  try {
    await saveFixture(path, resealed(file, path), { force: true }, (beside) => accepts(beside, path));
    return 'sealed';
  } finally {
    closeSync(file);
    plain.remove();
  }
}

/** A file that cannot be read as it is may be readable once it is sealed. */
async function isWhole(path: string): Promise<boolean> {
  try {
    (await openFixture(path)).close();
    return true;
  } catch (thrown) {
    if (thrown instanceof RepriseError && thrown.code === 'fixture-damaged') return false;
    throw thrown;
  }
}

function openPlain(plain: string, path: string): number {
  try {
    return openSync(plain, 'r');
  } catch (cause) {
    throw unreadableError(path, cause);
  }
}

const newline = Buffer.from('\n');

/** Everything but the header and the ends of the blocks stays byte for byte. */
async function* resealed(file: number, path: string): AsyncGenerator<Uint8Array> {
  const reader = new LineReader(file, 0);
  const hash = createHash('sha256');
  let lines = 0;
  for (let line = reader.next(); line !== undefined; line = reader.next()) {
    const text = line.bytes.toString('utf8');
    const whole = line.number === 1 ? editedHeader(text, path) : blockEnd(text, lines, hash.copy().digest('hex'));
    const bytes = whole === undefined ? Buffer.concat([line.bytes, newline]) : Buffer.from(`${whole}\n`);
    hash.update(bytes);
    const isEnd = line.number > 1 && whole !== undefined;
    lines = isEnd ? 0 : lines + 1;
    yield bytes;
  }
  if (reader.fault !== undefined) throw damagedError(path, reader.lineNumber + 1, 'has no end, or is too long');
}

function editedHeader(text: string, path: string): string {
  try {
    return lineText({ ...(JSON.parse(text) as { readonly [key: string]: Json }), edited: true });
  } catch (cause) {
    throw damagedError(path, 1, 'is not a fixture header', cause);
  }
}

/** The end of a block, renewed; undefined for any other line. */
function blockEnd(text: string, lines: number, digest: string): string | undefined {
  if (!text.startsWith('{"block":')) return undefined;
  const [, block] = /^\{"block":"(canonical|observed)"/.exec(text) ?? [];
  return block === undefined ? undefined : lineText({ block, lines, digest: `sha256:${digest}` });
}

/** @throws RepriseError `fixture-damaged`, `fixture-version-unknown` */
async function accepts(beside: string, path: string): Promise<boolean> {
  try {
    await readFixture(beside);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof RepriseError)) throw thrown;
    const { code, message, nextStep, fields } = thrown;
    throw new RepriseError(code, message.replaceAll(beside, path), { nextStep, fields: { ...fields, path } });
  }
}
