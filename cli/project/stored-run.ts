// Runs that a command names: by the path of a fixture, or by the id of a stored run.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { RepriseError } from '../../src/index.ts';
import type { RunSummary } from '../../src/index.ts';
import { openRun } from '../../src/replay/index.ts';
import type { OpenRun } from '../../src/replay/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';

/** Whether a text means a file: it looks like one, or there is one. A run id may look like a path, and be a folder's. */
function isFixturePath(text: string, cwd: string): boolean {
  return /\.jsonl(\.zst)?$/.test(text) || statSync(resolve(cwd, text), { throwIfNoEntry: false })?.isFile() === true;
}

/** Opens what is named, to be read step by step. @throws RepriseError */
export async function openNamed(text: string, store: string, cwd: string): Promise<OpenRun> {
  return isFixturePath(text, cwd)
    ? openRun({ kind: 'fixture', path: resolve(cwd, text) })
    : openRun({ kind: 'stored', store: sqliteStore(store, { mode: 'read' }), runId: text });
}

export async function summaryOf(store: string, runId: string): Promise<RunSummary> {
  const opened = sqliteStore(store, { mode: 'read' });
  try {
    const summary = await opened.find(runId);
    if (summary !== undefined) return summary;
    throw new RepriseError('run-unknown', `there is no run "${runId}" in ${store}`, {
      nextStep: `List its runs: reprise list --store ${store}`,
      fields: { runId },
    });
  } finally {
    await opened.close();
  }
}
