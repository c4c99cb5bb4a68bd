import { RepriseError } from '../../../src/index.ts';
import type { Run } from '../../../src/index.ts';
import type { CliIo } from '../../terminal/io.ts';
import { startProgress } from '../../terminal/progress.ts';
import type { AnyEngine } from './engine-of.ts';

/** Drives a run until it ends, with a progress line. Ctrl-C interrupts the run, which then can be resumed. */
export async function driveRun(
  engine: AnyEngine,
  activity: string,
  io: CliIo,
  start: () => PromiseLike<Run<unknown>>,
): Promise<Run<unknown>> {
  const stopListening = io.onInterrupt(() => void engine.close());
  const progress = startProgress(io, activity);
  try {
    return await start();
  } catch (thrown) {
    throw inTermsOfOptions(thrown);
  } finally {
    progress.done();
    stopListening();
  }
}

/** The engine's advice for a taken run ID names an option of its API. */
export function inTermsOfOptions(thrown: unknown): unknown {
  if (!(thrown instanceof RepriseError) || thrown.code !== 'run-exists') return thrown;
  return new RepriseError('run-exists', thrown.message, {
    nextStep:
      'Choose another --run-id, or omit it to have one generated. `npx reprise list` shows the IDs in use; `npx reprise run` and `npx reprise enqueue` take the run that has one with --attach.',
    cause: thrown,
    fields: thrown.fields,
  });
}
