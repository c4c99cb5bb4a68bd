import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { createEngine } from '../../../src/create-engine.ts';
import { graph } from '../../../src/graph/build/builder.ts';
import { last } from '../../../src/graph/field.ts';
import { fields } from '../../../src/graph/state.ts';
import { exportRunTo } from '../../../src/record/export-run.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { accepted, refusedText } from '../../../src/vitest/accepted.ts';
import { updateFixture } from '../../../src/update/update-fixture.ts';
import { replayMatchers } from '../../../src/vitest/replay-matchers.ts';
import { temporaryFolder } from '../../support/folder.ts';

const greeter = (greeting: string, asked = 'name', name = 'greeter') =>
  graph(name, { state: fields({ text: last('') }) })
    .node('greet', async (_state, { effect }) => ({
      delta: { text: greeting + (await effect(asked, {}, () => 'Ada')) },
    }))
    .start('greet')
    .build();

async function recorded(): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(greeter('Hi '), { store });
  await engine.run({}, { runId: 'one' });
  return exportRunTo(store, 'one', join(temporaryFolder(), 'one.run.jsonl'));
}

const withU = { snapshotState: { snapshotUpdateState: 'all' } };
afterEach(() => vi.unstubAllEnvs());

it('updates with -u alone, and never in CI', async () => {
  const path = await recorded();
  const before = readFileSync(path);
  vi.stubEnv('CI', 'true');
  expect(await accepted(withU, greeter('Hello '), path)).toBeUndefined();
  vi.stubEnv('CI', '');
  expect(await accepted({ snapshotState: { snapshotUpdateState: 'new' } }, greeter('Hello '), path)).toBeUndefined();
  expect(await accepted(withU, greeter('Hello '), path, { mode: 'outputs' })).toBeUndefined();
  expect(readFileSync(path)).toEqual(before);
  expect(await accepted(withU, greeter('Hello '), path)).toMatchObject({ verdict: 'updated' });
  expect(readFileSync(path, 'utf8')).toContain('"Hello Ada"');
});

it('names the next step where the code asks for more', async () => {
  vi.stubEnv('CI', '');
  const path = await recorded();
  const update = await accepted(withU, greeter('Hi ', 'nickname'), path);
  expect(update).toMatchObject({ verdict: 'refused', why: 'not recorded' });
  expect(refusedText(update ?? { fixture: '' })).toContain(`next: npx reprise replay ${path} --update --live`);
});

it('takes the name of a graph that was renamed, with -u alone', async () => {
  vi.stubEnv('CI', '');
  const path = await recorded();
  const renamed = greeter('Hi ', 'name', 'welcome');
  const toReplay = async (state: object): Promise<boolean> =>
    (await replayMatchers.toReplay.call(state as never, renamed, path)).pass;
  await expect(toReplay({})).rejects.toThrow(expect.objectContaining({ code: 'fixture-other-graph' }));
  const log = vi.spyOn(console, 'log').mockReturnValue();
  expect(await toReplay(withU)).toBe(true);
  expect(log).toHaveBeenCalledWith(expect.stringContaining('updated'));
  log.mockRestore();
  expect(readFileSync(path, 'utf8')).toContain('"name":"welcome"');
  expect(await toReplay({})).toBe(true);
});

it('writes the graph of a fixture that comes out the same, as the command does', async () => {
  vi.stubEnv('CI', '');
  const path = await recorded();
  const before = readFileSync(path, 'utf8');
  const patient = graph('greeter', { state: fields({ text: last('') }) })
    .node('greet', async (_state, { effect }) => ({ delta: { text: `Hi ${await effect('name', {}, () => 'Ada')}` } }), {
      timeoutMs: 60_000,
    })
    .start('greet')
    .build();
  const toReplay = async (state: object): Promise<boolean> =>
    (await replayMatchers.toReplay.call(state as never, patient, path)).pass;
  const log = vi.spyOn(console, 'log').mockReturnValue();
  expect(await toReplay({})).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe(before);
  expect(await toReplay(withU)).toBe(true);
  expect(log).toHaveBeenCalledTimes(1);
  expect(readFileSync(path, 'utf8')).toContain('60000');
  const byMatcher = readFileSync(path);
  expect(await updateFixture(patient as never, path)).toMatchObject({ verdict: 'unchanged' });
  expect(readFileSync(path)).toEqual(byMatcher);
  expect(await toReplay(withU)).toBe(true);
  expect(log).toHaveBeenCalledTimes(1);
  log.mockRestore();
});
