import { createEngine, memoryStore } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRun } from '../../src/record/export-run.ts';
import { fileOf } from '../support/fixture-file.ts';
import { collected } from '../support/journals.ts';

/** A fixture of a live run of the graph. */
export async function recorded(graph: AnyGraph, options: { readonly lateAnswersMs?: number } = {}): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(graph, { store, effects: [httpEffects()], ...options });
  await engine.run({} as never, { runId: 'planted', seed: 'planted' });
  return fileOf(Buffer.concat(await collected(exportRun(store, 'planted'))));
}
