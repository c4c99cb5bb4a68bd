import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import { exportRun, exportRunTo } from 'reprise/record';
import type { RedactOptions } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';

const mailing = graph('mailing', { state: fields({ id: last<string>(), sent: last(''), seen: last<unknown>(null) }) })
  .node('send', async ({ id: runId }, { effect, emit }) => {
    const id = await effect('mail', { job: `job:${runId}`, runId }, async () => `msg of ${runId}`);
    emit('sent', { [runId]: new Map([['of', runId]]) });
    return { delta: { sent: id, seen: Buffer.from(`run ${runId}`) } };
  })
  .start('send')
  .build();

const redact: RedactOptions = { values: ['email'] };
const runId = 't-maria@example.org';

describe('a run whose ID holds an address', () => {
  it('is exported under another ID, and replays', async () => {
    const store = memoryStore();
    await createEngine(mailing, { store }).run({ id: runId }, { runId });
    const folder = `${join(temporaryFolder(), 'fixtures')}/`;
    await expect(exportRunTo(store, runId, folder, { redact })).rejects.toMatchObject({
      code: 'secret-found',
      nextStep: expect.stringContaining('--as'),
    });
    const path = await exportRunTo(store, runId, folder, { redact, as: 't-1' });
    expect(basename(path)).toBe('t-1.run.jsonl');
    const text = readFileSync(path, 'utf8');
    expect(text).not.toContain('maria');
    expect(text).toContain('job:t-1');
    const { report, run } = await replay(mailing, path);
    expect(report).toMatchObject({ verdict: 'same', redacted: 0, runId: 't-1' });
    expect(run.state.sent).toBe('msg of t-1');
    const streamed = await new Response(exportRun(store, runId, { redact, as: 't-1' })).text();
    expect(streamed).toBe(text);
  });
});
