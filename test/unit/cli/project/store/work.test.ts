import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { work } from '../../../../../cli/project/store/work.ts';
import type { WorkSetup } from '../../../../../cli/project/store/work.ts';
import { createEngine, fields, graph } from '../../../../../src/index.ts';
import type { AnyGraph } from '../../../../../src/index.ts';
import { sqliteStore } from '../../../../../src/store/sqlite/index.ts';
import { temporaryFolder } from '../../../../support/folder.ts';
import { RecordedIo } from '../../../../support/recorded-io.ts';

type Behaviour = (signal: AbortSignal) => unknown;

/** A graph of one node; two of them differ in their code only. */
const deskThat = (does: Behaviour): AnyGraph =>
  graph('desk', { state: fields({}) })
    .node('a', async (_state, { signal }) => {
      await does(signal);
      return {};
    })
    .start('a')
    .build();

/** A store with a run that was interrupted within its first step. */
async function interrupted(runId: string): Promise<string> {
  const path = join(temporaryFolder(), 'runs.db');
  const waiting = deskThat((signal) => {
    void engine.close();
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  const engine = createEngine(waiting, { store: sqliteStore(path) });
  await engine.run({} as never, { runId });
  return path;
}

const setupFor = (store: string, does: Behaviour = () => undefined): WorkSetup => ({
  graphs: [deskThat(does)],
  store,
  config: { folder: '/project', path: undefined },
  lasts: 'one pass',
  form: 'text',
});

it('needs a graph', async () => {
  const setup = { ...setupFor('/nowhere/runs.db'), graphs: [] };
  await expect(work(setup, new RecordedIo('/project'))).rejects.toMatchObject({
    code: 'usage',
    message: 'no graphs configured',
  });
});

describe('one pass', () => {
  it('drives the runs that no process owns, then says so when none is left', async () => {
    const setup = setupFor(await interrupted('desk-1'));
    const [first, second] = [new RecordedIo('/project'), new RecordedIo('/project')];
    expect(await work(setup, first)).toBe(0);
    expect(first).toMatchObject({ out: 'run desk-1: done after 1 step\n', talk: '', listenerCount: 0 });
    expect(await work(setup, second)).toBe(0);
    expect(second).toMatchObject({ out: '', talk: expect.stringContaining('no run of desk can continue now') });
  });

  it('names the runs that were refused before, each time', async () => {
    const led = (after: 'b' | 'c'): AnyGraph =>
      graph('led', { state: fields({}) })
        .node('a', async (_state, { ask }) => {
          await ask('go?');
        })
        .node('b', () => undefined)
        .node('c', () => undefined)
        .edge('a', after)
        .start('a')
        .build();
    const path = join(temporaryFolder(), 'runs.db');
    const engine = createEngine(led('b'), { store: sqliteStore(path) });
    await engine.run({} as never, { runId: 'led-1' });
    await engine.answer('led-1', undefined, true);
    await engine.close();
    const setup = { ...setupFor(path), graphs: [led('c')] };
    const ios = [new RecordedIo('/project'), new RecordedIo('/project'), new RecordedIo('/project')] as const;
    for (const io of ios) expect(await work(setup, io)).toBe(1);
    expect(ios[0].talk).toContain('led-1: ');
    for (const io of [ios[1], ios[2]]) {
      expect(io.talk).toContain('run led-1 is due, and was refused before');
      expect(io.talk).toContain('npx reprise resume led-1 --store ');
    }
  });

  it('prints a line of JSON per run if asked to', async () => {
    const io = new RecordedIo('/project');
    await work({ ...setupFor(await interrupted('desk-1')), form: 'json line' }, io);
    expect(io.out).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(io.out)).toEqual({ version: 1, run: 'desk-1', status: 'done', steps: 1 });
  });

  it('ends with 1 if a run fails', async () => {
    const io = new RecordedIo('/project');
    const failing = (): void => {
      throw new Error('shut');
    };
    expect(await work(setupFor(await interrupted('desk-1'), failing), io)).toBe(1);
    expect(io.out).toMatch(/^run desk-1: failed after \d steps?\n$/);
  });
});

it('until stopped, it works on, and ends with 0 when it is interrupted', async () => {
  const io = new RecordedIo('/project');
  // The node that runs stops the work, so the run goes back to the store.
  const stopping = (signal: AbortSignal): Promise<never> => {
    io.interrupt();
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  const store = await interrupted('desk-1');
  expect(await work({ ...setupFor(store, stopping), lasts: 'until stopped' }, io)).toBe(0);
  expect(io.talk).toBe('reprise: working on desk until stopped\n');
  expect(await work(setupFor(store), io)).toBe(0);
  expect(io.out).toContain('run desk-1: done after 1 step\n');
});
