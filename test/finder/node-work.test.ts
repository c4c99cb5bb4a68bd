// Work of Node ends when it likes, and no order of it is recorded. Where it could matter, nothing is proved.
import { readFile, stat } from 'node:fs/promises';
import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { explore } from '../../src/explore/explore.ts';
import type { ExploreReport } from '../../src/explore/explore.ts';
import type { AnyGraph } from '../../src/graph/built-graph.ts';
import { fanOut, oneNode } from './fan-out.ts';
import type { Task } from './fan-out.ts';
import { recorded } from './recorded.ts';

const read = (): Promise<string> => readFile(import.meta.filename, 'utf8');
const zip = promisify(gzip);
const inOrderOfEnd = async (works: readonly Promise<unknown>[]): Promise<string> => {
  const ended: number[] = [];
  await Promise.all(works.map((work, place) => work.then(() => ended.push(place))));
  return ended.join();
};

async function explored(make: () => AnyGraph): Promise<ExploreReport> {
  return explore(make, await recorded(make()), { schedules: 20 });
}

it.each<readonly [string, (task: Task) => Promise<string>]>([
  ['two files at once', () => inOrderOfEnd([read(), read()])],
  ['a file against a race', async () => Promise.race([read().then(() => 'read'), zip('text').then(() => 'zipped')])],
  [
    'one request against a race',
    async () => Promise.race([stat(import.meta.filename).then(() => 'known'), zip('text').then(() => 'zipped')]),
  ],
  ['a file beside an answer', ({ ask }) => inOrderOfEnd([read(), ask('model')])],
  ['an answer beside a file', ({ ask }) => inOrderOfEnd([ask('model'), read()])],
])('does not say that no order matters of %s', async (_what, run) => {
  const report = await explored(() => oneNode(run));
  expect(['no difference', 'not repeatable', 'found', 'other than recorded']).toContain(report.verdict);
  if (report.verdict === 'no difference')
    expect(report.untried).toEqual([{ event: '1.0#1', node: 'only', why: 'work' }]);
});

it('lets one file after another be', async () => {
  const report = await explored(() => oneNode(async ({ ask }) => `${(await read()).length} ${await ask('model')}`));
  expect(report.verdict).toBe('nothing to explore');
  expect(report.untried).toBeUndefined();
});

it('lets files of tasks be that share nothing', async () => {
  const make = () =>
    fanOut({ ids: ['a', 'b', 'c'], work: async ({ ask }) => `${(await read()).length} ${await ask('model')}` });
  const report = await explored(make);
  expect(report.verdict).toBe('proved');
  expect(report.untried).toBeUndefined();
});

it('proves nothing where tasks that read files share something', async () => {
  const make = (): AnyGraph => {
    let first: string | undefined;
    return fanOut({
      ids: ['a', 'b'],
      async work({ id }) {
        await read();
        first ??= id;
        return id === first ? 'first' : 'later';
      },
    });
  };
  const report = await explored(make);
  expect(report.verdict).not.toBe('proved');
});
