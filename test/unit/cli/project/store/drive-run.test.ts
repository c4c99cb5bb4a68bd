import { expect, it } from 'vitest';
import { driveRun } from '../../../../../cli/project/store/drive-run.ts';
import { engineOf } from '../../../../../cli/project/store/engine-of.ts';
import { RepriseError, fields, graph, memoryStore } from '../../../../../src/index.ts';
import { RecordedIo } from '../../../../support/recorded-io.ts';

const config = { folder: '/project', path: undefined };

it('an interrupt ends the run, which stays resumable', async () => {
  const io = new RecordedIo('/project');
  const waiting = graph('waiting', { state: fields({}) })
    .node('wait', (_state, { signal }) => {
      io.interrupt();
      return new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    })
    .start('wait')
    .build();
  await using engine = engineOf(waiting, memoryStore(), config);
  const run = await driveRun(engine, 'running waiting', io, () => engine.run({}));
  expect(run.status).toBe('interrupted');
  expect(io.activity()).toBe('running waiting');
  expect(io.listenerCount).toBe(0);
});

it('a run ID that is taken is reported in terms of options', async () => {
  const io = new RecordedIo('/project');
  const desk = graph('desk', { state: fields({}) })
    .node('a', () => ({}))
    .start('a')
    .build();
  await using engine = engineOf(desk, memoryStore(), config);
  const start = () => engine.run({}, { runId: 'desk-1' });
  await driveRun(engine, 'running desk', io, start);
  await expect(driveRun(engine, 'running desk', io, start)).rejects.toMatchObject({
    code: 'run-exists',
    nextStep: expect.stringContaining('--run-id'),
    cause: expect.any(RepriseError),
  });
  expect(io.listenerCount).toBe(0);
});

it('any other error is passed on as it is', async () => {
  const thrown = new Error('x');
  const desk = graph('desk', { state: fields({}) })
    .node('a', () => ({}))
    .start('a')
    .build();
  await using engine = engineOf(desk, memoryStore(), config);
  const driven = driveRun(engine, 'running desk', new RecordedIo('/project'), () => Promise.reject(thrown));
  await expect(driven).rejects.toBe(thrown);
});
