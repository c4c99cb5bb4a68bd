// A process that streams to SQLite is killed at random moments. A reader in another process also drops its connection
// at random and returns with its cursor. It sees every chunk exactly once.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawStream } from '../../src/base/draw.ts';
import { createEngine, fields, graph } from '../../src/index.ts';
import type { RunStreamOf } from '../../src/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { sharedFolder } from '../support/folder.ts';
import { tokenAt } from '../support/stream-tokens.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const kills = isLong ? 50 : 8;
const count = 120;
const seed = process.env.REPRISE_TEST_SEED ?? '20261123';
const draws = drawStream(seed, 'stream kills');

const folder = sharedFolder();

/** What a reader has seen, by attempt, as text; and how often it saw something twice. */
class Seen {
  readonly chunks = new Map<string, unknown[]>();
  repeats = 0;
  gaps = 0;
  resets = 0;
  reconnects = 0;
  cursor: string | undefined;
  isDone = false;

  async read(stream: RunStreamOf<unknown, unknown, string>, itemsMax: number): Promise<void> {
    let left = itemsMax;
    for await (const item of stream) {
      this.cursor = item.cursor;
      if (item.kind === 'chunk') {
        const list = this.chunks.get(item.key) ?? [];
        if (item.ordinal < list.length) this.repeats += 1;
        if (item.ordinal > list.length) this.gaps += 1;
        list.push(item.chunk);
        this.chunks.set(item.key, list);
      } else if (item.kind === 'reset') {
        this.resets += 1;
        const list = this.chunks.get(item.key) ?? [];
        this.chunks.set(item.key, list.slice(0, item.from));
      } else if (item.kind === 'done') this.isDone = true;
      left -= 1;
      if (left === 0) return;
    }
  }

  text(field: string): string {
    const all = [...this.chunks.values()].flat() as readonly Readonly<Record<string, string>>[];
    return all.map((chunk) => chunk[field] ?? '').join('');
  }
}

describe('a stream whose writer is killed', () => {
  it(
    'is read exactly once by a reader that returns with its cursor, in either order',
    async () => {
      let killed = 0;
      let runs = 0;
      const totals = { reconnects: 0, resets: 0, chunks: 0 };
      const path = join(folder, 'runs.db');
      const nothing = graph('reader', { state: fields({}) })
        .node('none', () => ({}))
        .start('none')
        .build();
      await using engine = createEngine(nothing, { store: sqliteStore(path) });
      while (killed < kills) {
        runs += 1;
        const runId = `run-${runs}`;
        let writer = startWriter(path, runId);
        await writer.begun;
        const readers = (['arrival', 'canonical'] as const).map(async (order) => {
          const seen = new Seen();
          while (!seen.isDone) {
            const from = seen.cursor === undefined ? {} : { from: seen.cursor };
            await seen.read(engine.read(runId, { order, ...from }), 1 + Math.floor(draws.next() * 60));
            seen.reconnects += 1;
          }
          return seen;
        });
        let isOver = false;
        const all = Promise.all(readers).finally(() => {
          isOver = true;
        });
        while (!isOver) {
          await Promise.race([all, new Promise((resolve) => setTimeout(resolve, 40 + draws.next() * 300))]);
          if (isOver || killed >= kills) break;
          writer.child.kill('SIGKILL');
          killed += 1;
          writer = startWriter(path, runId);
        }
        const [arrival, canonical] = await all;
        writer.child.kill('SIGKILL');
        for (const seen of [arrival, canonical]) {
          if (seen === undefined) throw new Error('there are two readers');
          expect({ repeats: seen.repeats, gaps: seen.gaps }).toEqual({ repeats: 0, gaps: 0 });
          expect(seen.text('first')).toBe(textFrom(0));
          expect(seen.text('second')).toBe(textFrom(count));
          totals.reconnects += seen.reconnects;
          totals.resets += seen.resets;
          totals.chunks += [...seen.chunks.values()].flat().length;
        }
      }
      console.log(
        `stream kills: ${killed} kills over ${runs} runs, ${totals.chunks} chunks read, ${totals.reconnects} reconnects, ${totals.resets} resets, seed ${seed}`,
      );
    },
    isLong ? 600_000 : 120_000,
  );
});

function textFrom(from: number): string {
  return Array.from({ length: count }, (_unused, place) => tokenAt(from + place)).join('');
}

function startWriter(path: string, runId: string): { readonly child: ChildProcess; readonly begun: Promise<void> } {
  const main = new URL('../support/stream-server-main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--no-warnings', main, path, '0', String(count), runId, '1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const begun = new Promise<void>((resolve) => child.stdout?.once('data', () => setTimeout(resolve, 50)));
  return { child, begun };
}
