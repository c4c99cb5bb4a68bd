// From a stored run to a fixture. The run's code is not needed, and the store is only read.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '../base/digest.ts';
import { RepriseError } from '../base/error.ts';
import { trueOrFalse } from '../base/options/option-kind.ts';
import { checkOptions, noOptions, optionShape } from '../base/options/option-shape.ts';
import type { Entry } from '../journal/entry.ts';
import type { RunStore, RunSummary } from '../port/store.ts';
import { checkFree, saveFixture } from '../store/fixture/save-fixture.ts';
import type { SaveFixtureOptions } from '../store/fixture/save-fixture.ts';
import { writeFixture } from '../store/fixture/write-fixture.ts';
import type { ExportOptions } from '../store/fixture/write-fixture.ts';

export interface ExportToOptions extends ExportOptions, SaveFixtureOptions {}

export const exportOptions = optionShape<ExportOptions>('exportRun', { observed: trueOrFalse });

export const exportToOptions = optionShape<ExportToOptions>('exportRunTo', {
  ...exportOptions.kinds,
  force: trueOrFalse,
});

/**
 * The bytes of a run's fixture, redacted, as a stream: for an object store or an admin route.
 *
 * A run that has not ended is exported up to its last commit.
 *
 * @throws RepriseError `run-unknown`, `option-invalid`, before any bytes
 */
export async function* exportRun(
  store: RunStore,
  runId: string,
  options: ExportOptions = noOptions,
): AsyncGenerator<Uint8Array> {
  checkOptions(exportOptions, options);
  const { entryCount } = await summaryOf(store, runId);
  yield* writeFixture(() => firstEntries(store.read(runId), entryCount), options);
}

/**
 * Saves a run as a fixture, and gives the path. `out` is a file; or, ending in `/` or being a folder, the folder in
 * which the file is `<graph>/<run id>.run.jsonl`. A name that ends in `.zst` compresses the file.
 *
 * @throws RepriseError `run-unknown`, `option-invalid`, `file-exists`, `fixture-unwritable`
 */
export async function exportRunTo(
  store: RunStore,
  runId: string,
  out: string,
  options: ExportToOptions = noOptions,
): Promise<string> {
  checkOptions(exportToOptions, options);
  const { force, ...exporting } = options;
  const { graph } = await summaryOf(store, runId);
  const path = fixturePath(out, graph, runId);
  await saveFixture(path, exportRun(store, runId, exporting), force === undefined ? {} : { force });
  return path;
}

/**
 * Tells before a run, rather than after it, that its fixture is in the way of another. A run that has no id yet is given
 * one that no file of a folder has.
 *
 * @throws RepriseError `file-exists`
 */
export function checkFixturePlace(out: string, graph: string, runId: string | undefined): void {
  if (runId !== undefined || !isFolder(out)) checkFree(fixturePath(out, graph, runId ?? ''));
}

function fixturePath(out: string, graph: string, runId: string): string {
  return isFolder(out) ? join(out, safeName(graph), `${safeName(runId)}.run.jsonl`) : out;
}

async function summaryOf(store: RunStore, runId: string): Promise<RunSummary> {
  const summary = await store.find(runId);
  if (summary !== undefined && summary.entryCount > 1) return summary;
  if (summary !== undefined) {
    throw new RepriseError('run-unknown', `run "${runId}" has not begun: nothing of it has been committed`, {
      nextStep: 'Try again when it has.',
      fields: { runId },
    });
  }
  throw new RepriseError('run-unknown', `there is no run "${runId}" in this store`, {
    nextStep: 'Check the run id: `reprise list` shows the runs of a store.',
    fields: { runId },
  });
}

/** A fixture is read from the journal twice. A run that goes on meanwhile must look the same both times. */
async function* firstEntries(entries: AsyncIterable<Entry>, count: number): AsyncGenerator<Entry> {
  let left = count;
  if (left === 0) return;
  for await (const entry of entries) {
    yield entry;
    left -= 1;
    if (left === 0) return;
  }
}

function isFolder(out: string): boolean {
  return /[/\\]$/.test(out) || (existsSync(out) && statSync(out).isDirectory());
}

const safeLengthMax = 100;

/** A name that every file system takes. What had to be changed gets a digest, so that two ids never share a file. */
export function safeName(name: string): string {
  const safe = name
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, safeLengthMax);
  if (safe === name && safe !== '') return name;
  return `${safe === '' ? 'run' : safe}-${digestOf(name).slice(0, 8)}`;
}
