// A reader of the kill loop: `reader-main.ts <path of the store> <folder> <order>`, with a channel to its parent. It
// appends each item of each run to a file, with its cursor, and continues there after it was killed.
import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine, fields, graph } from '../../../src/index.ts';
import { sqliteStore } from '../../../src/store/sqlite/index.ts';
import { pause } from '../../support/loopback-server.ts';

export type Line =
  | {
      readonly kind: 'chunk';
      readonly cursor: string;
      readonly key: string;
      readonly ordinal: number;
      readonly chunk: unknown;
    }
  | { readonly kind: 'reset'; readonly cursor: string; readonly key: string; readonly from: number }
  | {
      readonly kind: 'node-start' | 'event' | 'question' | 'node-done' | 'snapshot';
      readonly cursor: string;
      readonly key: string;
    }
  | { readonly kind: 'done'; readonly status: string };

/** `isFinal`: nothing of the run is still to come. */
export interface Follow {
  readonly runId: string;
  readonly isFinal: boolean;
}

const [path = '', folder = '', order = ''] = process.argv.slice(2);
process.once('disconnect', () => process.exit());

const nothing = graph('reader', { state: fields({}) })
  .node('none', () => ({}))
  .start('none')
  .build();
const engine = createEngine(nothing, { store: sqliteStore(path) });
const finals = new Set<string>();
const followed = new Set<string>();

/** The lines that were written whole. */
function linesOf(file: string): readonly Line[] {
  if (!existsSync(file)) return [];
  const bytes = readFileSync(file);
  const length = bytes.lastIndexOf('\n') + 1;
  if (length < bytes.length) truncateSync(file, length);
  const lines = bytes.subarray(0, length).toString('utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line);
}

async function follow(runId: string): Promise<void> {
  const file = join(folder, `${runId}.jsonl`);
  const write = (line: Line): void => appendFileSync(file, `${JSON.stringify(line)}\n`);
  const lines = linesOf(file);
  if (lines.at(-1)?.kind === 'done') return void process.send?.({ read: runId });
  const last = lines.findLast((line) => 'cursor' in line);
  let from = last !== undefined && 'cursor' in last ? { from: last.cursor } : {};
  for (;;) {
    const isFinal = finals.has(runId);
    for await (const item of engine.read(runId, { order: order as 'arrival', ...from })) {
      if (item.kind === 'detached') continue;
      if (item.kind === 'done') {
        if (isFinal) write({ kind: 'done', status: item.run.status });
        continue;
      }
      const { kind, cursor, key } = item;
      from = { from: cursor };
      if (kind === 'chunk') write({ kind, cursor, key, ordinal: item.ordinal, chunk: item.chunk });
      else if (kind === 'reset') write({ kind, cursor, key, from: item.from });
      else write({ kind, cursor, key });
    }
    if (isFinal) break;
    await pause(50);
  }
  process.send?.({ read: runId });
}

process.on('message', ({ runId, isFinal }: Follow) => {
  if (isFinal) finals.add(runId);
  if (followed.has(runId)) return;
  followed.add(runId);
  void follow(runId);
});
process.send?.({ kind: 'ready' });
