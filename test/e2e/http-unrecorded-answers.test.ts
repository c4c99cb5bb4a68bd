// An answer that is too large to be recorded: the run continues, and a resume or a replay says what is missing.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import type { HttpEffectsOptions } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { crashedBeforeOutcome } from '../support/crashed-store.ts';
import { temporaryFolder } from '../support/folder.ts';
import { LoopbackServer } from '../support/loopback-server.ts';

let server: LoopbackServer;
let asked: string[];
beforeEach(async () => {
  asked = [];
  server = await LoopbackServer.start((request, response) => {
    asked.push(`${request.url} ${String(request.headers['idempotency-key'] ?? 'no key')}`);
    response.end(request.url === '/large' ? 'x'.repeat(2_000) : 'small');
  });
});
afterEach(() => server[Symbol.asyncDispose]());

const reading = () =>
  graph('reading', { state: fields({ length: last(0), small: last('') }) })
    .node('read', async () => {
      const large = await (await fetch(`${server.url}/large`, { method: 'POST', body: 'all' })).text();
      const small = await (await fetch(`${server.url}/small?after=${large.length}`)).text();
      return { delta: { length: large.length, small } };
    })
    .start('read')
    .build();

const text = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const tooLarge = text(/^POST .*\/large: its answer is larger than may be recorded/);
const tooLargeIn = text(/POST .*\/large: its answer is larger than may be recorded/);

describe.each<readonly [string, HttpEffectsOptions]>([
  ['larger than maxBodyBytes', { maxBodyBytes: 1_000 }],
  ['for which maxHeldBytes leaves no room', { maxHeldBytes: 1_000 }],
])('an answer %s', (_, limits) => {
  const recorded = async (options: HttpEffectsOptions = {}) => {
    const store = memoryStore();
    const effects = [httpEffects({ ...limits, ...options })];
    await using engine = createEngine(reading(), { store, effects });
    const run = await engine.run({}, { runId: 'live' });
    expect(run).toMatchObject({ status: 'done', state: { length: 2_000, small: 'small' } });
    expect(run.notes).toEqual([{ kind: 'unrecorded', at: '1.0#1', node: 'read', message: tooLarge }]);
    const resume = async () => {
      await using again = createEngine(reading(), { store: await crashedBeforeOutcome(store, 'live'), effects });
      return await again.resume('live');
    };
    return { store, resume };
  };

  it('is asked for again in a run that is resumed, which says so, and what followed is not', async () => {
    const { resume } = await recorded({ idempotencyHeader: () => 'idempotency-key' });
    const run = await resume();
    expect(run).toMatchObject({ status: 'done', state: { length: 2_000, small: 'small' } });
    const message = text(/^POST loopback\/large: it is sent again/);
    expect(run.notes).toContainEqual({ kind: 'sent-again', at: '1.0#1', node: 'read', message });
    const [first, , second, ...more] = asked;
    expect([second, more]).toEqual([first, []]);
  });

  it('is not asked for again where it must not be', async () => {
    const { resume } = await recorded({ onDoubt: ({ method }) => (method === 'POST' ? 'fail' : 'retry') });
    // It has not asked for what followed: nothing is written of it.
    const message = text(/effect-in-doubt\]: nobody knows whether 1\.0#1:http:http\S* happened/);
    await expect(resume()).rejects.toMatchObject({ code: 'resume-diverged', message });
    expect(asked).toHaveLength(2);
  });

  it('waits for people who are asked', async () => {
    const { resume } = await recorded({ onDoubt: ({ method }) => (method === 'POST' ? 'ask' : 'retry') });
    expect(await resume()).toMatchObject({ status: 'paused' });
    expect(asked).toHaveLength(2);
  });

  it('is missing in a replay, which names it and says why', async () => {
    const { store } = await recorded();
    const path = await exportRunTo(store, 'live', `${temporaryFolder()}/live.run.jsonl`);
    const { report } = await replay(reading(), path);
    expect(report).toMatchObject({
      verdict: 'diverged',
      causes: { unknown: expect.arrayContaining([tooLargeIn]) as unknown },
    });
    expect(report.divergences[0]).toMatchObject({ node: 'read', detail: 'POST /large' });
    expect(asked).toHaveLength(2);
  });
});
