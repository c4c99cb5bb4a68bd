// The test that comes with a shrunk fixture.
import { basename, dirname, relative } from 'node:path';
import { oneLine } from '../../src/report/index.ts';
import type { GraphSource } from './load-graph.ts';

/** `path`: of the test. It fails until the divergence is gone. `sentence`: what diverges. */
export function shrunkTestText(
  path: string,
  { fixture, given, sentence }: { readonly fixture: string; readonly given: string; readonly sentence: string },
  { path: module, exported }: GraphSource,
): string {
  const from = relative(dirname(path), module).replaceAll('\\', '/');
  const address = JSON.stringify(from.startsWith('.') ? from : `./${from}`);
  const imported = exported === 'default' ? 'graph' : `{ ${exported} }`;
  const name = basename(fixture);
  return `// ${oneLine(sentence)}
// Cut down from ${oneLine(basename(given))} by \`reprise shrink\`. The fixture is not a run that took place: delete both when
// it is mended.
import 'reprise/vitest';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import ${imported} from ${address};

it(${JSON.stringify(`replays ${name}`)}, async () => {
  await expect(${exported === 'default' ? 'graph' : exported}).toReplay(join(import.meta.dirname, ${JSON.stringify(name)}));
});
`;
}
