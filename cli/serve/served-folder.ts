// The fixtures below a folder. A run is named by its path in the list of files, and no path is made of what a request says:
// so no name leads out of the folder. Links are not followed, since they may lead anywhere.
import { readdirSync, realpathSync, statSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { RepriseError } from '../../src/index.ts';
import { openRun } from '../../src/replay/index.ts';
import type { OpenRun } from '../../src/replay/index.ts';
import { isFound, listedMax } from './served-runs.ts';
import type { ServedList, ServedOpen, ServedQuery, ServedRun, ServedRuns } from './served-runs.ts';

const filesMax = 20_000;
/** What it takes to say how a run ended is not spent on longer files. */
const bytesReadMax = 32 * 1024 * 1024;
const lookedAtMax = 1_000;

export function servedFolder(folder: string, title: string): ServedRuns {
  const root = realpathSync(folder);
  const known = new Map<string, { readonly version: string; readonly run: ServedRun }>();

  async function served(name: string): Promise<ServedRun> {
    const stats = statSync(join(root, name), { throwIfNoEntry: false });
    if (stats === undefined) return { name, graph: '', status: 'unreadable' };
    const { size, mtimeMs, ino } = stats;
    const version = [size, mtimeMs, ino].join(' ');
    const before = known.get(name);
    if (before?.version === version) return before.run;
    const run = size > bytesReadMax ? { name, graph: '', status: 'long' } : await readRun(join(root, name), name);
    known.set(name, { version, run });
    return run;
  }

  return {
    title,
    statuses: ['done', 'failed', 'cancelled', 'unfinished', 'unreadable', 'long'],

    async list(query: ServedQuery): Promise<ServedList> {
      const names = fixturesBelow(root).filter((name) => query.after === undefined || name > query.after);
      const runs: ServedRun[] = [];
      for (const [place, name] of names.entries()) {
        if (runs.length === listedMax) return { runs, hasMore: true };
        if (place === lookedAtMax) return { runs, hasMore: true, stoppedAt: names[place - 1] as string };
        const run = await served(name);
        if (isFound(run, query)) runs.push(run);
      }
      return { runs, hasMore: false };
    },

    async open(name: string): Promise<ServedOpen | undefined> {
      if (!fixturesBelow(root).includes(name)) return undefined;
      return { opened: await openRun({ kind: 'fixture', path: join(root, name) }), waitsFor: [] };
    },
  };
}

/** Their paths, sorted. */
function fixturesBelow(root: string): readonly string[] {
  const found: string[] = [];
  const read = (folder: string): void => {
    for (const entry of entriesOf(join(root, folder))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules') read(path);
      else if (entry.isFile() && /\.jsonl(?:\.zst)?$/.test(entry.name)) found.push(path);
      if (found.length > filesMax)
        throw new RepriseError('usage', `${root} holds more than ${filesMax} fixtures`, {
          nextStep: 'Name a folder with fewer.',
        });
    }
  };
  read('');
  return found.sort();
}

/** A folder that is gone or may not be read holds nothing to show. */
function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

async function readRun(path: string, name: string): Promise<ServedRun> {
  let opened: OpenRun | undefined;
  try {
    opened = await openRun({ kind: 'fixture', path });
    let status = 'unfinished';
    let steps = -1;
    for await (const { entries } of opened.steps) {
      if (entries.some(({ kind, at }) => kind === 'commit' && !at.includes('/'))) steps += 1;
      for (const entry of entries) if (entry.kind === 'end') status = entry.end.status;
    }
    const { graph, observed } = opened.run;
    return { name, graph: graph.name, status, steps: Math.max(0, steps), began: observed.time };
  } catch (thrown) {
    if (thrown instanceof RepriseError) return { name, graph: '', status: 'unreadable' };
    throw thrown;
  } finally {
    opened?.close();
  }
}
