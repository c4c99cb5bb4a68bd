// The goals of streaming and its challenges, each a test of that name. The figures are printed; docs/guide/streaming.md
// quotes them as measured.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngine, fields, graph, memoryStore, sum, text } from '../../src/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { sharedFolder } from '../support/folder.ts';
import { collected } from '../support/journals.ts';

const folder = sharedFolder();

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const figure = (text_: string): void => console.log(`streaming: ${text_}`);

/** `count` words, each after a turn of the event loop if `delay` asks for it. `onWord` hears of each before it is sent. */
function words(count: number, delay?: number, onWord?: () => void) {
  return graph('words', { state: fields({ answer: text(), steps: sum() }) })
    .node('write', async function* () {
      for (let place = 0; place < count; place += 1) {
        if (delay !== undefined) await pause(delay);
        onWord?.();
        yield { answer: `word ${place} ` };
      }
    })
    .node('end', () => ({ delta: { steps: 1 } }))
    .edge('write', 'end')
    .start('write')
    .build();
}

describe('goals', () => {
  it('incremental: a reader has the first chunk while the node still has most of its work ahead', async () => {
    let written = 0;
    const countWord = (): void => {
      written += 1;
    };
    await using engine = createEngine(words(20, 5, countWord));
    const begun = performance.now();
    let first: { readonly ms: number; readonly written: number } | undefined;
    for await (const item of engine.stream({}))
      if (item.kind === 'chunk') first ??= { ms: performance.now() - begun, written };
    const all = performance.now() - begun;
    figure(`incremental: first chunk after ${first?.ms.toFixed(1)} ms of ${all.toFixed(0)} ms`);
    expect(written).toBe(20);
    expect(first?.written).toBeLessThan(10);
  });

  it('replay from checkpoints: a run resumed after a checkpoint replays the chunks of its fixture exactly', async () => {
    const store = memoryStore();
    const built = words(50);
    const engine = createEngine(built, { store });
    await engine.run({}, { runId: 'whole' });
    await engine.fork('whole', { step: 1, runId: 'forked' });
    const path = join(folder, 'forked.run.jsonl');
    await exportRunTo(store, 'forked', path);
    const { report } = await replay(built, path);
    expect(report.verdict).toBe('same');
    expect(report.compared.chunks).toBe(50);
    await engine.close();
  });

  it('push and pull: a subscriber and an iterator see the same chunks', async () => {
    await using engine = createEngine(words(30), { store: sqliteStore(join(folder, 'push.db')) });
    const pushed: number[] = [];
    const pulled: number[] = [];
    const stream = engine.stream({}, { runId: 'run' });
    const ended = new Promise<void>((resolve, reject) => {
      stream.subscribe((item) => {
        if (item.kind === 'chunk') pushed.push(item.ordinal);
        if (item.kind === 'done') resolve();
      }, reject);
    });
    await pause(1);
    for await (const item of engine.read('run')) if (item.kind === 'chunk') pulled.push(item.ordinal);
    await ended;
    expect(pushed).toEqual(pulled);
    expect(pushed).toHaveLength(30);
  });

  it('exactly once: a reader that drops after every chunk and returns with its cursor sees each chunk once', async () => {
    await using engine = createEngine(words(100), { store: sqliteStore(join(folder, 'once.db')) });
    await engine.run({}, { runId: 'run' });
    const seen: number[] = [];
    let from: string | undefined;
    for (let isDone = false; !isDone; ) {
      for await (const item of engine.read('run', from === undefined ? {} : { from })) {
        from = item.cursor;
        if (item.kind === 'done') isDone = true;
        if (item.kind !== 'chunk') continue;
        seen.push(item.ordinal);
        break;
      }
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_unused, place) => place));
  });
});

describe('challenges', () => {
  it('checkpoint overhead: chunks are written in groups, so 10,000 of them take few writes', async () => {
    const store = sqliteStore(join(folder, 'overhead.db'));
    let writes = 0;
    const append = store.append.bind(store);
    store.append = (lease, entries) => {
      writes += 1;
      return append(lease, entries);
    };
    await using engine = createEngine(words(10_000), { store });
    let chunks = 0;
    for await (const item of engine.stream({})) if (item.kind === 'chunk') chunks += 1;
    figure(`checkpoint overhead: ${chunks} chunks in ${writes} writes to SQLite`);
    expect(chunks).toBe(10_000);
    expect(writes).toBeLessThan(chunks / 20);
  });

  it('state bloat: checkpoints hold no chunk, and a streamed text costs a small multiple of itself on disk', async () => {
    const path = join(folder, 'bloat.db');
    const store = sqliteStore(path);
    const engine = createEngine(words(10_000), { store });
    const run = await engine.run({}, { runId: 'run' });
    const entries = await collected(store.read('run'));
    const commits = entries.filter(({ kind }) => kind === 'commit');
    await engine.close();
    const bytes = statSync(path).size;
    const own = run.state.answer.length;
    figure(
      `state bloat: ${own} characters streamed in 10,000 chunks take ${bytes} bytes, ${JSON.stringify(commits).length} of them in checkpoints`,
    );
    expect(JSON.stringify(commits)).not.toContain('word 1 ');
    expect(bytes).toBeLessThan(own * 12);
  });

  it('replay of long streams: 10,000 chunks replay chunk for chunk', async () => {
    const store = memoryStore();
    const built = words(10_000);
    await createEngine(built, { store }).run({}, { runId: 'run' });
    const path = join(folder, 'long.run.jsonl');
    await exportRunTo(store, 'run', path);
    const begun = performance.now();
    const { report } = await replay(built, path);
    figure(
      `replay of long streams: ${report.compared.chunks} chunks compared in ${(performance.now() - begun).toFixed(0)} ms`,
    );
    expect(report).toMatchObject({ verdict: 'same', compared: { chunks: 10_000 } });
  });

  it('back-pressure: nodes that wait for a reader never get further ahead than the mark; other runs continue', async () => {
    let given = 0;
    const counted = graph('counted', { state: fields({ answer: text() }) })
      .node('write', async function* () {
        for (; given < 500; given += 1) yield { answer: 'x' };
      })
      .start('write')
      .build();
    await using engine = createEngine(counted);
    let [taken, ahead] = [0, 0];
    for await (const item of engine.stream({}, { highWaterMark: 8 })) {
      if (item.kind !== 'chunk') continue;
      taken += 1;
      if (taken % 50 === 0) await pause(2);
      ahead = Math.max(ahead, given - taken);
    }
    figure(`back-pressure: at most ${ahead} chunks ahead of a reader with the mark at 8`);
    // The node may hold one more.
    expect(ahead).toBeLessThanOrEqual(9);
    expect(taken).toBe(500);
    given = 0;
    await using durable = createEngine(counted, { store: sqliteStore(join(folder, 'catch-up.db')) });
    const slow = durable.stream({});
    const run = await slow.result;
    expect(run.status).toBe('done');
    let late = 0;
    for await (const item of slow) if (item.kind === 'chunk') late += 1;
    expect(late).toBe(500);
  });
});
