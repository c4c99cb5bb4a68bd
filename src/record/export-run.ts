// Exports a stored run as a fixture. It does not need the run's code, and only reads the store.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '../base/digest.ts';
import { RepriseError } from '../base/error.ts';
import { idText, trueOrFalse } from '../base/options/option-kind.ts';
import { checkOptions, noOptions, optionShape } from '../base/options/option-shape.ts';
import { withReplacedDraws } from '../journal/ambient/replaced-draws.ts';
import type { EffectSourceName, Entry } from '../journal/entry.ts';
import { redactionRules } from '../journal/redact/rule/redaction-rules.ts';
import { redactKind } from '../journal/redact/rule/redact-option.ts';
import { ReplayDoubts } from '../journal/run/replay-doubts.ts';
import { keptEntries } from '../journal/run/without-bodies.ts';
import { inLaterTurn, inOwnTurns, isTurnOver } from '../live/event-loop/turns.ts';
import type { RunStore, RunSummary } from '../port/store.ts';
import { byteStream } from './byte-stream.ts';
import { runUnderId } from './run-under-id.ts';
import { redactedPlaces } from '../store/fixture/redacted-run.ts';
import type { RedactedPlace } from '../store/fixture/redacted-run.ts';
import { checkFree, saveFixture } from '../store/fixture/file/save-fixture.ts';
import type { SaveFixtureOptions } from '../store/fixture/file/save-fixture.ts';
import { writeFixture } from '../store/fixture/write-fixture.ts';
import type { ExportOptions } from '../store/fixture/write-fixture.ts';

/** What an export writes, and whether it may replace a file that is there. */
export interface ExportToOptions extends ExportOptions, SaveFixtureOptions {}

export const exportOptions = optionShape<ExportOptions>('exportRun', {
  observed: trueOrFalse,
  redact: redactKind,
  as: idText,
});

export const previewOptions = optionShape<Pick<ExportOptions, 'redact'>>('previewRedaction', { redact: redactKind });

export const exportToOptions = optionShape<ExportToOptions>('exportRunTo', {
  ...exportOptions.kinds,
  force: trueOrFalse,
});

/**
 * Streams the bytes of a run's fixture, redacted: for an admin route or an object store. What is not read is not made, so
 * a large run takes no more memory than a small one.
 *
 * A run that has not ended is exported up to its last commit.
 *
 * ```ts
 * import { createEngine, fields, graph, memoryStore } from 'reprise';
 * import { exportRun } from 'reprise/record';
 *
 * const store = memoryStore();
 * const engine = createEngine(graph('still', { state: fields({}) }).node('wait', () => {}).start('wait').build(), { store });
 * await engine.run({}, { runId: 'still-1' });
 * const text = await new Response(exportRun(store, 'still-1')).text();
 * await engine.close();
 * console.log(text.startsWith('{')); // true
 * ```
 *
 * @throws RepriseError `option-invalid`; while reading, before the first byte: `run-unknown`, `run-not-kept`
 */
export function exportRun(
  store: RunStore,
  runId: string,
  options: ExportOptions = noOptions,
): ReadableStream<Uint8Array> {
  checkOptions(exportOptions, options);
  return byteStream(fixtureBytes(store, runId, options));
}

/** The bytes of a run's fixture. @throws RepriseError `run-unknown`, `run-not-kept`, `chunks-dropped`, `value-too-large` */
export async function* fixtureBytes(
  store: RunStore,
  runId: string,
  options: ExportOptions = noOptions,
  unmatched: (path: string) => void = () => undefined,
): AsyncGenerator<Uint8Array> {
  const { read, mayNotReplay } = await storedRun(store, runId, options);
  yield* writeFixture(read, options, { mayNotReplay, unmatched, worker: inOwnTurns });
}

/**
 * What a fixture of the run would not hold: how often which rule finds something at which place. Never the value.
 *
 * @throws RepriseError `run-unknown`, `option-invalid`
 */
export async function previewRedaction(
  store: RunStore,
  runId: string,
  options: Pick<ExportOptions, 'redact'> = noOptions,
): Promise<readonly RedactedPlace[]> {
  checkOptions(previewOptions, options);
  const { read } = await storedRun(store, runId);
  return redactedPlaces(() => withReplacedDraws(read()), redactionRules(options.redact ?? noOptions));
}

interface StoredRun {
  readonly graph: string;
  readonly read: () => AsyncIterable<Entry>;
  readonly mayNotReplay: readonly string[];
}

async function storedRun(
  store: RunStore,
  runId: string,
  { observed = true, as }: Pick<ExportOptions, 'observed' | 'as'> = noOptions,
  source: EffectSourceName = 'production',
): Promise<StoredRun> {
  const summary = await summaryOf(store, runId);
  const { graph, entryCount } = summary;
  const own = (): AsyncIterable<Entry> => from(source, firstEntries(store.read(runId), entryCount));
  const read = as === undefined ? own : (): AsyncIterable<Entry> => runUnderId(own(), runId, as);
  const doubts = new ReplayDoubts();
  let hasParts = false;
  for await (const entry of keptEntries(summary, read())) {
    doubts.add(entry);
    hasParts ||= entry.kind === 'effect' && (entry.observed.parts?.length ?? 0) > 1;
  }
  const left = hasParts && !observed ? ['the parts in which bodies arrived are left out'] : [];
  return { graph, read, mayNotReplay: [...doubts.reasons, ...left] };
}

/** Says where the effects of the run are from. */
async function* from(source: EffectSourceName, entries: AsyncIterable<Entry>): AsyncGenerator<Entry> {
  for await (const entry of entries)
    yield entry.kind === 'run' ? { ...entry, observed: { ...entry.observed, source } } : entry;
}

/** A fixture that was written. */
export interface SavedFixture {
  readonly path: string;
  /** Why it may not replay; empty if nothing that was noticed speaks against it. */
  readonly mayNotReplay: readonly string[];
  /** The paths of `redact` at which nothing stands in the run: one that is misspelled hides nothing. */
  readonly unmatchedPaths: readonly string[];
}

/**
 * Saves a run as a fixture. `out` is the file, which is named `.run.jsonl`, or a folder, and then the file in it is
 * `<graph>/<run id>.run.jsonl`. A name that ends in `.zst` compresses the file.
 *
 * @throws RepriseError `run-unknown`, `run-not-kept`, `option-invalid`, `file-exists`, `fixture-unwritable`
 */
export async function saveRun(
  store: RunStore,
  runId: string,
  out: string,
  options: ExportToOptions = noOptions,
  /** `record` for a run that was made to be recorded. */
  source: EffectSourceName = 'production',
): Promise<SavedFixture> {
  checkOptions(exportToOptions, options);
  const { force, ...exporting } = options;
  const { graph, read, mayNotReplay } = await storedRun(store, runId, exporting, source);
  const path = fixturePath(out, graph, exporting.as ?? runId);
  const noticed: string[] = [];
  const unmatchedPaths: string[] = [];
  const bytes = writeFixture(read, exporting, {
    mayNotReplay,
    worker: inOwnTurns,
    noticed: (reason) => noticed.push(reason),
    unmatched: (unreached) => unmatchedPaths.push(unreached),
  });
  await saveFixture(path, bytes, force === undefined ? {} : { force });
  return { path, mayNotReplay: [...mayNotReplay, ...noticed], unmatchedPaths };
}

/** `saveRun`, for the path alone. */
export async function exportRunTo(
  store: RunStore,
  runId: string,
  out: string,
  options: ExportToOptions = noOptions,
): Promise<string> {
  return (await saveRun(store, runId, out, options)).path;
}

/**
 * Checks before a run, rather than after it, that its fixture would not overwrite another. A run without an id yet
 * needs no check in a folder: its new id is in no file name.
 *
 * @throws RepriseError `file-exists`
 */
export function checkFixturePlace(out: string, graph: string, runId: string | undefined): void {
  if (runId !== undefined || !isFolder(out)) checkFree(fixturePath(out, graph, runId ?? ''));
}

function fixturePath(out: string, graph: string, runId: string): string {
  return isFolder(out) ? join(out, ...fixtureNameParts(graph, runId)) : out;
}

/** The folder of the fixtures of a graph, in the folder of all. */
export function fixtureFolder(out: string, graph: string): string {
  return join(out, safeName(graph));
}

/** Folder and file of a fixture. */
export function fixtureNameParts(graph: string, runId: string): readonly [string, string] {
  return [safeName(graph), `${safeName(runId)}.run.jsonl`];
}

async function summaryOf(store: RunStore, runId: string): Promise<RunSummary> {
  const summary = await store.find(runId);
  if (summary !== undefined && summary.entryCount > 1) return summary;
  if (summary !== undefined) {
    throw new RepriseError('run-unknown', `run "${runId}" has not committed anything yet`, {
      nextStep: 'Try again once it has.',
      fields: { runId },
    });
  }
  throw new RepriseError('run-unknown', `there is no run "${runId}" in this store`, {
    nextStep: 'Check the run id: `npx reprise list` shows the runs of a store.',
    fields: { runId },
  });
}

/** The journal is read twice for a fixture. A run that is still in progress must look the same both times. */
async function* firstEntries(entries: AsyncIterable<Entry>, count: number): AsyncGenerator<Entry> {
  let left = count;
  if (left === 0) return;
  for await (const entry of entries) {
    yield entry;
    left -= 1;
    if (left === 0) return;
    // A store in memory never waits for anything.
    if (isTurnOver()) await new Promise<void>(inLaterTurn);
  }
}

/** What is there already is what it is. Else the name decides: the files of fixtures have an ending, and folders have none. */
function isFolder(out: string): boolean {
  if (/[/\\]$/.test(out)) return true;
  return existsSync(out) ? statSync(out).isDirectory() : !fixtureEnding.test(out);
}

const fixtureEnding = /\.(?:jsonl|zst)$/i;

const safeLengthMax = 100;

/** Devices on Windows, whatever the end of the name. */
const isDevice = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** A name that every file system accepts. A changed name gets a digest, so that two ids never share a file. */
export function safeName(name: string): string {
  const safe = name
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, safeLengthMax)
    // Windows drops them.
    .replace(/\.+$/, '');
  if (safe === name && safe !== '' && !isDevice.test(name)) return name;
  const kept = isDevice.test(safe) ? safe.replaceAll('.', '-') : safe;
  return `${kept === '' ? 'run' : kept}-${digestOf(name).slice(0, 8)}`;
}
