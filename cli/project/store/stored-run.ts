// Runs as the command line names them: by the path of a fixture, or by the ID of a stored run.
import { statSync } from 'node:fs';
import { RepriseError, awaitedSignalsOf, openQuestionsOf } from '../../../src/index.ts';
import type { RunStore, RunSummary } from '../../../src/index.ts';
import type { RunSource } from '../../../src/replay/index.ts';
import { timeText } from '../../../src/report/index.ts';
import { openStore } from './open-store.ts';
import type { PrunableStore } from '../../../src/store/sqlite/index.ts';
import { shownPlace } from '../../terminal/words/server-address.ts';
import { shellOption } from '../../terminal/words/shell-word.ts';

/**
 * Where a named run is read from. `path` is the name as an absolute path.
 *
 * A name that ends like a fixture, or is a file, means a fixture. Everything else is a run ID, even if it looks like a
 * path or a folder has that name.
 */
export function runSource(name: string, path: string, store: string): RunSource {
  const isFixture = /\.jsonl(\.zst)?$/.test(name) || statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  return isFixture ? { kind: 'fixture', path } : { kind: 'stored', store: openStore(store, 'read'), runId: name };
}

/** Opens a store that is there: a command that deletes creates none. @throws RepriseError `store-unreadable` */
export async function existingStore(path: string, mode: 'read' | 'write' = 'write'): Promise<PrunableStore> {
  await checkIsThere(path);
  return openStore(path, mode);
}

/** @throws RepriseError `store-unreadable` */
export async function checkIsThere(path: string): Promise<void> {
  const found = openStore(path, 'read');
  try {
    await found.list({ limit: 0 });
  } finally {
    await found.close();
  }
}

/** Looks a run up. This only reads, and never creates a store. @throws RepriseError `run-unknown`, `store-unreadable` */
export async function summaryOf(store: string, runId: string): Promise<RunSummary> {
  const opened = openStore(store, 'read');
  try {
    const summary = await opened.find(runId);
    if (summary !== undefined) return summary;
    throw unknownRun(store, runId);
  } finally {
    await opened.close();
  }
}

export function unknownRun(store: string, runId: string): RepriseError {
  return new RepriseError('run-unknown', `there is no run "${runId}" in ${shownPlace(store)}`, {
    nextStep: `List its runs: npx reprise list${shellOption('--store', store)}`,
    fields: { runId },
  });
}

/** What a paused run waits for, each in words. What a question asks is left out: it is not redacted here. */
export async function waitsOf(
  store: RunStore,
  { runId, status, wakeAt }: Pick<RunSummary, 'runId' | 'status' | 'wakeAt'>,
): Promise<readonly string[]> {
  if (status !== 'paused') return [];
  const questions = await openQuestionsOf(store, runId);
  const signals = await awaitedSignalsOf(store, runId);
  return [
    ...questions.map(({ key, node }) => `an answer to ${key} of "${node}"`),
    ...signals.map((name) => `the signal "${name}"`),
    ...(wakeAt === undefined ? [] : [`${timeText(wakeAt)} at the latest`]),
  ];
}
