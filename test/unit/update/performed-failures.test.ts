// What the outside answers to an update becomes what is expected of the code. A provider that is down, keys that are missing and a
// limit of calls are none of that.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { append, createEngine, fields, graph, memoryStore } from 'reprise';
import type { AnyGraph } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { expect, it } from 'vitest';
import { updateSummary } from '../../../src/report/update/update-summary.ts';
import { updateSummaryText, updateText } from '../../../src/report/update/update-text.ts';
import { updateFixture } from '../../../src/update/update-fixture.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { bodyOf, LoopbackServer } from '../../support/loopback-server.ts';

interface Code {
  readonly prompt?: string;
  /** A failure of the provider is caught. */
  readonly isCareful?: boolean;
  readonly attempts?: number;
  /** A question before the model is asked again, on which the recorded run paused. */
  readonly asks?: boolean;
  readonly bug?: string;
}

function desk(url: () => string, { prompt = 'Draft', isCareful, attempts = 1, asks, bug }: Code = {}): AnyGraph {
  const model = async (text: string): Promise<string> => {
    const answer = await fetch(`${url()}/v1/chat`, { method: 'POST', body: JSON.stringify({ text }) });
    if (!answer.ok) throw new Error(`model ${answer.status}`);
    return answer.text();
  };
  return graph('desk', { state: fields({ log: append<string>() }) })
    .node(
      'draft',
      async () => {
        if (isCareful !== true) return { delta: { log: [await model(prompt)] } };
        return { delta: { log: [await model(prompt).catch((error: Error) => `no draft: ${error.message}`)] } };
      },
      { retry: { attempts, delayMs: 1 } },
    )
    .node('approve', async (_state, { ask }) => {
      if (asks === true) await ask('Send?');
    })
    .node('send', () => {
      if (bug !== undefined) throw new Error(bug);
      return { delta: { log: ['sent'] } };
    })
    .edge('draft', 'approve')
    .edge('approve', 'send')
    .start('draft')
    .build() as unknown as AnyGraph;
}

interface Provider extends AsyncDisposable {
  readonly url: string;
  /** Statuses of the next answers. */
  readonly statuses: number[];
}

async function provider(): Promise<Provider> {
  const statuses: number[] = [];
  const server = await LoopbackServer.start(async (request, response) => {
    const body = await bodyOf(request);
    response.statusCode = statuses.shift() ?? 200;
    response.end(response.statusCode === 200 ? `answer to ${body.toString()}` : 'no');
  });
  return { url: server.url, statuses, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Where nobody listens any more. */
async function closedUrl(): Promise<string> {
  await using server = await LoopbackServer.start(() => undefined);
  return server.url;
}

async function recorded(built: AnyGraph): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(built, { store, effects: [httpEffects()] });
  const run = await engine.run({}, { runId: 'one', seed: 'seed' });
  return exportRunTo(store, run.id, join(temporaryFolder(), 'one.run.jsonl'));
}

const textOf = (update: Awaited<ReturnType<typeof updateFixture>>): string =>
  updateText({ ...update, fixture: 'one' }) + updateSummaryText(updateSummary([{ ...update, fixture: 'one' }]));

it.each([
  ['401', { prompt: 'Write' }, {}],
  ['429', { prompt: 'Write' }, {}],
  ['429 each time that it is tried again', { prompt: 'Write', attempts: 2 }, { attempts: 2 }],
  ['nobody', { prompt: 'Write' }, {}],
  ['401, of a run that waited for a person', { prompt: 'Write', asks: true }, { asks: true }],
  ['401, of a run that failed elsewhere', { prompt: 'Write', bug: 'a bug' }, { bug: 'a bug' }],
] as const)('leaves the file as it was where the provider answers %s', async (what, code, before) => {
  await using outside = await provider();
  let { url } = outside;
  const path = await recorded(desk(() => url, before));
  const bytes = readFileSync(path);
  if (what === 'nobody') url = await closedUrl();
  outside.statuses.push(...Array<number>(3).fill(Number.parseInt(what, 10) || 200));
  const update = await updateFixture(
    desk(() => url, code),
    path,
    { live: true },
  );
  expect(update).toMatchObject({ verdict: 'refused', why: 'failed live', changes: [] });
  expect(update.failure).toBe(
    what === 'nobody'
      ? 'POST /v1/chat: fetch failed (ECONNREFUSED)'
      : `POST /v1/chat: status ${Number.parseInt(what, 10)}`,
  );
  expect(updateText({ ...update, fixture: 'one' })).toBe(
    `one: not updated: the run fails by what was performed (${update.failure})\n`,
  );
  expect(readFileSync(path)).toEqual(bytes);
});

it('takes what failed at first, was tried again and came', async () => {
  await using outside = await provider();
  const path = await recorded(desk(() => outside.url, { attempts: 2 }));
  outside.statuses.push(429);
  const today = desk(() => outside.url, { prompt: 'Write', attempts: 2 });
  const update = await updateFixture(today, path, { live: true });
  expect(update).toMatchObject({ verdict: 'updated', run: { status: 'done' } });
  expect(textOf(update)).toContain('effect performed and recorded: POST /v1/chat, which came out as status 429 (one)');
  expect((await replay(today, path)).report.verdict).toBe('same');
});

it('takes a failure that the node handles, and names it', async () => {
  await using outside = await provider();
  const path = await recorded(desk(() => outside.url, { isCareful: true }));
  const closed = await closedUrl();
  const today = desk(() => closed, { prompt: 'Write', isCareful: true });
  const update = await updateFixture(today, path, { live: true });
  expect(update).toMatchObject({ verdict: 'updated', run: { status: 'done' } });
  expect(update.changes).toContainEqual(
    expect.objectContaining({ kind: 'performed', about: 'POST /v1/chat', failure: 'fetch failed (ECONNREFUSED)' }),
  );
  expect(textOf(update)).toBe(
    [
      'one: updated (1 effect dropped, 1 effect performed, 1 of these failed)',
      '1 fixture: 1 updated',
      '  1: effect dropped: POST /v1/chat (one)',
      '  1: effect performed and recorded: POST /v1/chat, which came out as fetch failed (ECONNREFUSED) (one)',
      '  may follow from these, or be changes of their own:',
      '  1: "draft" delta.log[] "answer to {\\"text\\":\\"Draft\\"}" → "no draft: fetch failed" (one)',
      '  1 change of states and tasks that follow from these',
      '',
    ].join('\n'),
  );
});

it('takes a run that failed when it was recorded, and fails the same way', async () => {
  await using outside = await provider();
  outside.statuses.push(401);
  const path = await recorded(desk(() => outside.url));
  outside.statuses.push(401);
  const update = await updateFixture(
    desk(() => outside.url, { prompt: 'Write' }),
    path,
    { live: true },
  );
  expect(update).toMatchObject({ verdict: 'updated', run: { status: 'failed' } });
});

it('says in any case that a run that was done fails now', async () => {
  await using outside = await provider();
  const path = await recorded(desk(() => outside.url));
  const update = await updateFixture(
    desk(() => outside.url, { bug: 'a bug' }),
    path,
  );
  expect(update).toMatchObject({ verdict: 'updated', run: { status: 'failed' } });
  expect(textOf(update)).toContain('one: updated; the run was done, and fails now\n');
  expect(textOf(update)).toContain('  1: the run was done, and fails now: Error: a bug (one)\n');
  const back = await updateFixture(
    desk(() => outside.url),
    path,
  );
  expect(textOf(back)).toContain('  1: the run failed, and is done now (one)\n');
});

it('names the login server that a run needs before it asks for anything, and not the code', async () => {
  await using outside = await provider();
  let login = outside.url;
  const rules = { outside: [{ url: 'POST http://localhost/login/token', kind: 'credential' }] } as const;
  const crm = (prompt: string): AnyGraph =>
    graph('crm', { state: fields({ log: append<string>() }) })
      .node('load', async () => {
        const token = await (await fetch(`${login}/login/token`, { method: 'POST' })).text();
        const headers = { authorization: `Bearer ${token.length}` };
        return { delta: { log: [await (await fetch(`${outside.url}/customers/1`, { headers })).text()] } };
      })
      .node('draft', async () => {
        const answer = await fetch(`${outside.url}/v1/chat`, { method: 'POST', body: prompt });
        return { delta: { log: [await answer.text()] } };
      })
      .edge('load', 'draft')
      .start('load')
      .build() as unknown as AnyGraph;
  const store = memoryStore();
  await using engine = createEngine(crm('Draft'), { store, effects: [httpEffects(rules)] });
  await engine.run({}, { runId: 'one', seed: 'seed' });
  const path = await exportRunTo(store, 'one', join(temporaryFolder(), 'one.run.jsonl'));
  const bytes = readFileSync(path);
  login = await closedUrl();
  const update = await updateFixture(crm('Write'), path, { live: true, ...rules });
  expect(update).toMatchObject({ verdict: 'refused', why: 'failed live', changes: [] });
  expect(update.failure).toMatch(
    /^fetch failed \(ECONNREFUSED\), after (?:127\.0\.0\.1|localhost):\d+ was asked for a credential \(`outside`: .*\)$/,
  );
  expect(readFileSync(path)).toEqual(bytes);
  login = outside.url;
  expect(await updateFixture(crm('Write'), path, { live: true, ...rules })).toMatchObject({ verdict: 'updated' });
});
