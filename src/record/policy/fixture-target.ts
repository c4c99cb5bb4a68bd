// Where fixtures go: a folder, or a function of the user.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { RepriseError } from '../../base/error.ts';
import type { RecordOptions } from '../../engine/options/record-options.ts';
import { saveFixture } from '../../store/fixture/file/save-fixture.ts';
import { byteStream } from '../byte-stream.ts';

/** `bytes` may be called again: the bytes of a run that has ended stay the same. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: () => AsyncIterable<Uint8Array>;
}

/** Writes a fixture, and resolves to the name under which it can be found. */
export type FixtureTarget = (fixture: NamedBytes) => Promise<string>;

export function fixtureTarget(to: RecordOptions['to']): FixtureTarget {
  if (typeof to === 'string') return folderTarget(resolve(to));
  return async ({ name, bytes }) => {
    await to({ name, stream: byteStream(bytes()) });
    return name;
  };
}

/**
 * A file of another run of the same name stays: the new one gets a number. The same file is there already if the process
 * that wrote it died before it could say so.
 */
function folderTarget(folder: string): FixtureTarget {
  return async ({ name, bytes }) => {
    for (let number = 1; ; number += 1) {
      const numbered = number === 1 ? name : name.replace(/\.run\.jsonl$/, `-${number}.run.jsonl`);
      const path = join(folder, numbered);
      try {
        await saveFixture(path, bytes());
        return numbered;
      } catch (thrown) {
        if (!(thrown instanceof RepriseError && thrown.code === 'file-exists')) throw thrown;
        if ((await digestOf(createReadStream(path))) === (await digestOf(bytes()))) return numbered;
      }
    }
  };
}

async function digestOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest('hex');
}
