import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fields, graph, last } from 'reprise';
import { recordRun } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { aborted } from '../../support/aborted.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { entriesOf } from '../../support/fixture-file.ts';
import { settled } from '../../support/manual-clock.ts';

const half = graph('half', { state: fields({ of: last<number>(), result: last(0) }) })
  .node('divide', async (state, { effect, signal }) => {
    if (state.of < 0) await aborted(signal);
    const result = await effect('divide', state.of, () => {
      if (state.of % 2 === 1) throw new RangeError('odd');
      return state.of / 2;
    });
    return { delta: { result } };
  })
  .start('divide')
  .build();

describe('recordRun', () => {
  it('keeps a run that is done', async () => {
    const out = join(temporaryFolder(), 'a.run.jsonl');
    const { path, run } = await recordRun(half, { of: 8 }, { out });
    expect(path).toBe(out);
    expect(run).toMatchObject({ status: 'done', state: { result: 4 } });
    expect((await replay(half, out)).report.verdict).toBe('same');
  });

  it('keeps a run that failed, and it fails alike in a replay', async () => {
    const { path, run } = await recordRun(half, { of: 7 }, { out: `${temporaryFolder()}/` });
    expect(run.status).toBe('failed');
    const replayed = await replay(half, path);
    expect(replayed.report.verdict).toBe('same');
    expect(replayed.run.status).toBe('failed');
  });

  it('keeps of a run that was cancelled that it was', async () => {
    const out = join(temporaryFolder(), 'a.run.jsonl');
    const controller = new AbortController();
    const recorded = recordRun(half, { of: -1 }, { out, signal: controller.signal, seed: 's' });
    void settled().then(() => controller.abort('enough'));
    expect((await recorded).run.status).toBe('cancelled');
    const entries = await entriesOf(out);
    expect(entries.map(({ kind }) => kind)).toEqual(['run', 'commit', 'end']);
    expect(entries.at(-1)).toMatchObject({ end: { status: 'cancelled' } });
  });

  it('refuses a place that is taken before anything is done', async () => {
    const out = join(temporaryFolder(), 'a.run.jsonl');
    await recordRun(half, { of: 2 }, { out });
    let calls = 0;
    const counted = graph('counted', { state: fields({ of: last<number>() }) })
      .node('count', () => {
        calls += 1;
        return {};
      })
      .start('count')
      .build();
    await expect(recordRun(counted, { of: 1 }, { out })).rejects.toMatchObject({ code: 'file-exists' });
    expect(calls).toBe(0);
    await recordRun(counted, { of: 1 }, { out, force: true });
    expect(calls).toBe(1);
  });

  it('leaves no file where the input is refused', async () => {
    const out = join(temporaryFolder(), 'a.run.jsonl');
    await expect(
      recordRun(half, { of: undefined as unknown as number, more: 1 } as { of: number }, { out }),
    ).rejects.toThrow();
    expect(existsSync(out)).toBe(false);
  });
});
