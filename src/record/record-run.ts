import { filledText, required } from '../base/options/option-kind.ts';
import { checkOptions, optionShape } from '../base/options/option-shape.ts';
import { createEngine } from '../create-engine.ts';
import { engineOptions } from '../engine/options/engine-options.ts';
import type { EngineOptions } from '../engine/options/engine-options.ts';
import { runOptions } from '../engine/options/run-options.ts';
import type { RunOptions } from '../engine/options/run-options.ts';
import type { AnyGraph, InputOf, StateOf } from '../graph/built-graph.ts';
import type { Run } from '../graph/types/run-types.ts';
import { httpEffects } from '../live/http/http-effects.ts';
import { memoryStore } from '../store/memory/memory.ts';
import { checkFixturePlace, exportToOptions, saveRun } from './export-run.ts';
import type { ExportToOptions } from './export-run.ts';

/** How `recordRun` runs the graph, as for an engine and its `run`, and what it writes to `out`. */
export interface RecordRunOptions
  extends RunOptions,
    Omit<EngineOptions, 'store' | 'record'>,
    Omit<ExportToOptions, 'as'> {
  /** Where to write the fixture: a file, or a folder, in which it becomes `<graph>/<run id>.run.jsonl`. */
  readonly out: string;
}

const { as: _as, ...exported } = exportToOptions.kinds;
const { store: _store, record: _record, ...recordedEngine } = engineOptions.kinds;

export const recordOptions = optionShape<RecordRunOptions>('recordRun', {
  out: required(filledText),
  ...exported,
  ...runOptions.kinds,
  ...recordedEngine,
});

/**
 * What `recordRun` and `fixtureOf` return: the run, the fixture that it became, and reasons to doubt that the fixture
 * replays.
 */
export interface RecordedRun<State> {
  readonly run: Run<State>;
  /** The file that was written. */
  readonly path: string;
  /** Why it may not replay; empty if nothing that was noticed speaks against it. */
  readonly mayNotReplay: readonly string[];
  /** The paths of `redact` at which nothing stands in the run: one that is misspelled hides nothing. */
  readonly unmatchedPaths: readonly string[];
}

/**
 * Runs a graph live and records what happened in a fixture. HTTP is recorded unless `effects` says otherwise.
 *
 * A failed run is recorded too: it is often the one you want. If the file already exists, that is reported before the
 * run, not after it.
 *
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { fields, graph, sum } from 'reprise';
 * import { recordRun } from 'reprise/record';
 * import { replay } from 'reprise/replay';
 *
 * const dice = graph('dice', { state: fields({ total: sum() }) })
 *   .node('throw', async (_state, { effect }) => ({ delta: { total: await effect('dice', null, () => 1 +
 *   Math.floor(Math.random() * 6)) } })) .start('throw') .build();
 * const { path, run } = await recordRun(dice, {}, { out: `${mkdtempSync('/tmp/dice-')}/dice.run.jsonl` });
 * const replayed = await replay(dice, path);
 * console.log(replayed.report.verdict, replayed.run.state.total === run.state.total); // same true
 * ```
 *
 * @throws RepriseError what `engine.run` throws, and `file-exists`
 */
export async function recordRun<G extends AnyGraph>(
  graph: G,
  input: InputOf<G>,
  options: RecordRunOptions,
): Promise<RecordedRun<StateOf<G>>> {
  checkOptions(recordOptions, options);
  const { out, force, observed, redact, effects = [httpEffects()], ...rest } = options;
  const { runId, seed, signal, onExisting, timeoutMs, pauseBefore, pauseAfter, labels, tenant, ...more } = rest;
  if (force !== true) checkFixturePlace(out, graph.name, runId);
  const store = memoryStore();
  await using engine = createEngine(graph, { ...more, effects, store });
  const running = given({ runId, seed, signal, onExisting, timeoutMs, pauseBefore, pauseAfter, labels, tenant });
  const run = await engine.run(input, running);
  return { run, ...(await saveRun(store, run.id, out, given({ force, observed, redact }), 'record')) };
}

/** Drops keys whose value is undefined: an option is either given or absent. */
function given<Options extends object>(options: { [Key in keyof Options]: Options[Key] | undefined }): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}
