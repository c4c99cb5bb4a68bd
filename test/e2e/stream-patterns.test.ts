// The four workarounds, each next to its native form: both do what they claim.
import { describe, expect, it } from 'vitest';
import { pollBuffered, readStreamed } from '../../docs/examples/streams/buffer-in-state.ts';
import { direct, proxy } from '../../docs/examples/streams/external-proxy.ts';
import { pollBatches, readBatches } from '../../docs/examples/streams/micro-batches.ts';
import { logProgress, readDug, readProgress } from '../../docs/examples/streams/progress-events.ts';
import { memoryStore } from '../../src/index.ts';

describe('from workarounds to streams', () => {
  it('buffer in the state and poll: nothing until the node has ended; native: token by token', async () => {
    const polled: number[] = [];
    await pollBuffered('why', (chunks) => polled.push(chunks.length));
    expect(new Set(polled)).toEqual(new Set([0, 11]));
    const tokens: string[] = [];
    expect(await readStreamed('why', (token) => tokens.push(token))).toBe(tokens.join(''));
    expect(tokens).toHaveLength(11);
  });

  it('progress events through an emitter, as a bounded iteration and as lines of JSON; native: chunks', async () => {
    const seen: number[] = [];
    expect(await readProgress((completed) => seen.push(completed))).toBe(0);
    expect(seen).toEqual([1, 2, 3, 4]);
    const lines: string[] = [];
    await logProgress((line) => lines.push(line));
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject(
      [1, 2, 3, 4].map((completed) => ({ runId: 'dig-1', name: 'progress', data: { completed, total: 4 } })),
    );
    const dug: number[] = [];
    await readDug((count) => dug.push(count));
    expect(dug).toEqual([1, 2, 3, 4]);
  });

  it('micro-batches with a checkpoint each, polled; native: the same checkpoints, each result as it arrives', async () => {
    const items = [1, 2, 3, 4, 5, 6, 7];
    const squares = items.map((item) => item * item);
    const done: number[] = [];
    expect(await pollBatches(items, memoryStore(), (count) => done.push(count))).toEqual(squares);
    expect(done.at(-1)).toBe(7);
    const results: number[] = [];
    expect(await readBatches(items, (result) => results.push(result))).toEqual(squares);
    expect(results).toEqual(squares);
  });

  it('an external proxy whose finished text goes into a graph; native: one path through the code', async () => {
    const [outside, inside]: [string[], string[]] = [[], []];
    const length = await proxy('why', (token) => outside.push(token));
    expect(await direct('why', (token) => inside.push(token))).toBe(length);
    expect(inside).toEqual(outside);
    expect(length).toBe(inside.join('').length);
  });
});
