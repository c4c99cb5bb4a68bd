// Exchanges that nodes share, and those that outlive them: live as without Reprise, and the same in a replay.
import { join } from 'node:path';
import { append, createEngine, fields, graph, last, memoryStore } from 'reprise';
import type { AnyGraph, RunStore } from 'reprise';
import { sqliteStore } from 'reprise/sqlite';
import { describe, expect, it } from 'vitest';
import { httpEffects } from '../../src/live/http/index.ts';
import type { Entry } from '../../src/journal/entry.ts';
import { canonicalSteps } from '../../src/journal/run/canonical.ts';
import { exportRunTo } from '../../src/record/export-run.ts';
import { replay } from '../../src/replay/replay.ts';
import type { ReplayReport } from '../../src/replay/session/replay-report.ts';
import { PageRunBuilder, RunTeller, pieceAt } from '../../src/report/index.ts';
import type { AnyRun } from '../../src/graph/types/run-types.ts';
import { sharedFolder } from '../support/folder.ts';
import { collected } from '../support/journals.ts';
import { LoopbackServer, bodyOf, pause } from '../support/loopback-server.ts';
import type { Handler } from '../support/loopback-server.ts';

const folder = sharedFolder();

interface Recorded {
  readonly run: AnyRun;
  readonly entries: readonly Entry[];
  /** `restart`: module state as a new process has it. */
  replay(restart?: () => void): Promise<{ readonly run: AnyRun; readonly report: ReplayReport }>;
}

let count = 0;

/** Runs a graph once and exports it. */
async function record(given: AnyGraph, store: RunStore = memoryStore()): Promise<Recorded> {
  count += 1;
  const runId = `run-${count}`;
  const engine = createEngine(given, { store, effects: [httpEffects()] });
  const run: AnyRun = await engine.run({}, { runId });
  const entries = await collected(store.read(runId));
  const fixture = await exportRunTo(store, runId, join(folder, `${runId}.run.jsonl`));
  await engine.close();
  return {
    run,
    entries,
    replay: async (restart) => {
      restart?.();
      return replay(given, fixture);
    },
  };
}

const kindsOf = (entries: readonly Entry[], kind: Entry['kind']): readonly Entry[] =>
  entries.filter((entry) => entry.kind === kind);

/** Two nodes side by side. */
function pair(left: () => Promise<unknown>, right: () => Promise<unknown>): AnyGraph {
  return graph('pair', { state: fields({ left: last<unknown>(null), right: last<unknown>(null) }) })
    .node('first', () => undefined)
    .node('left', async () => ({ delta: { left: await left() } }))
    .node('right', async () => ({ delta: { right: await right() } }))
    .edge('first', 'left')
    .edge('first', 'right')
    .start('first')
    .build();
}

const slow: Handler = async (request, response) => {
  const body = await bodyOf(request);
  setTimeout(() => response.end(`${request.url} ${body.toString()}`), 60);
};

describe.each([
  ['in memory', () => memoryStore()],
  ['in SQLite', () => sqliteStore(join(folder, `store-${count}.db`))],
] as const)('a request in flight that two nodes share, %s', (_name, makeStore) => {
  it('is answered to both, though the node that made it has ended', async () => {
    await using server = await LoopbackServer.start(slow);
    let token: Promise<string> | undefined;
    const tokenOf = (): Promise<string> => (token ??= fetch(`${server.url}/token`).then((given) => given.text()));
    const shared = pair(
      async () => Promise.race([tokenOf().then(() => 'in time'), pause(5).then(() => 'gave up')]),
      async () => {
        await pause(1);
        return tokenOf();
      },
    );
    const recorded = await record(shared, makeStore());
    expect(recorded.run).toMatchObject({ status: 'done', state: { left: 'gave up', right: '/token ' } });
    expect(recorded.run.notes).toMatchObject([
      {
        kind: 'left-open',
        message: 'GET loopback/token still open when the node had returned: read the body to its end, or cancel it',
      },
    ]);
    expect(kindsOf(recorded.entries, 'effect')).toMatchObject([
      { at: '2.0#1', outcome: { kind: 'value', value: { ended: 'open' } } },
    ]);
    expect(kindsOf(recorded.entries, 'pooled')).toMatchObject([
      { at: '2.0#1', outcome: { kind: 'value', value: { status: 200, body: '/token ', ended: 'complete' } } },
    ]);
    expect(recorded.entries.at(-1)?.kind).toBe('end');
    const teller = new RunTeller();
    const lines = [...canonicalSteps(recorded.entries)].flatMap(({ entries, beside }) =>
      teller.tell(entries, 'short', beside),
    );
    expect(lines.filter((line) => line.includes('after its attempt'))).toEqual([
      expect.stringMatching(
        /^ {2}2\.0#1:http:http~[0-9a-f]{7} GET \/token → 200, 7 characters, after its attempt had ended$/,
      ),
    ]);
    const page = new PageRunBuilder();
    for (const { entries, beside } of canonicalSteps(recorded.entries)) page.add(entries, beside);
    const late = /2\.0#1:http:http~[0-9a-f]{7}/.exec(lines.join('\n'))?.[0] as string;
    for (const [address, outcome] of [
      ['2.0#1:http:http', { ended: 'open' }],
      [late, { status: 200, ended: 'complete' }],
    ] as const)
      expect(pieceAt(page.run('run'), address)).toMatchObject({ response: outcome });
    const { run } = await recorded.replay(() => (token = undefined));
    expect((run as { readonly state: { readonly right: unknown } }).state.right).toBe('/token ');
  });
});

describe('an answer that its node has left open', () => {
  it('is read on by a later node, live and in a replay, in its parts', async () => {
    // Each part leaves when the one before has been read, or two might come as one.
    const read = ['one', 'two'].map(() => Promise.withResolvers<void>());
    await using server = await LoopbackServer.start(async (_request, response) => {
      for (const [index, part] of ['one', 'two', 'three'].entries()) {
        await read[index - 1]?.promise;
        response.write(part);
      }
      response.end();
    });
    let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
    const text = (part: { readonly value?: Uint8Array | undefined }): string => new TextDecoder().decode(part.value);
    const reading = graph('reading', { state: fields({ parts: append<string>() }) })
      .node('open', async () => {
        reader = (await fetch(server.url)).body?.getReader();
        const part = await (reader as NonNullable<typeof reader>).read();
        read[0]?.resolve();
        return { delta: { parts: [text(part)] } };
      })
      .node('rest', async () => {
        const parts: string[] = [];
        for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
          parts.push(text(part));
          read[1]?.resolve();
        }
        return { delta: { parts } };
      })
      .edge('open', 'rest')
      .start('open')
      .build();
    const recorded = await record(reading);
    expect(recorded.run).toMatchObject({ status: 'done', state: { parts: ['one', 'two', 'three'] } });
    expect(kindsOf(recorded.entries, 'effect')).toMatchObject([
      { outcome: { value: { status: 200, body: '', ended: 'open' } } },
    ]);
    const { run, report } = await recorded.replay();
    expect(run).toMatchObject({ status: 'done', state: { parts: ['one', 'two', 'three'] } });
    expect(report).toMatchObject({ verdict: 'same', divergences: [] });
  });

  it('is written as far as it came where the run ends first, and in a replay it stays open', async () => {
    await using server = await LoopbackServer.start((_request, response) => response.write('first'));
    let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
    const opening = graph('opening', { state: fields({ part: last<string>('') }) })
      .node('open', async () => {
        reader = (await fetch(server.url)).body?.getReader();
        return { delta: { part: new TextDecoder().decode((await reader?.read())?.value) } };
      })
      .start('open')
      .build();
    const recorded = await record(opening);
    expect(kindsOf(recorded.entries, 'pooled')).toMatchObject([
      { outcome: { value: { body: 'first', ended: 'open' } } },
    ]);
    await reader?.cancel();
    const { report } = await recorded.replay();
    expect(report.verdict).toBe('same');
  });
});

/** A client that sends one request at a time, each in whatever context its turn comes. */
function queued(): (url: string) => Promise<string> {
  const waiting: (() => void)[] = [];
  let isBusy = false;
  const next = (): void => {
    isBusy = false;
    waiting.shift()?.();
  };
  return (url) =>
    new Promise((resolve, reject) => {
      const start = (): void => {
        isBusy = true;
        fetch(url)
          .then((given) => given.text())
          .finally(next)
          .then(resolve, reject);
      };
      if (isBusy) waiting.push(start);
      else start();
    });
}

describe('a client with a queue of its own', () => {
  it('answers both of its nodes, and a replay finds the request of one in the context of the other', async () => {
    await using server = await LoopbackServer.start(slow);
    let ask = queued();
    const both = pair(
      () => ask(`${server.url}/left`),
      () => ask(`${server.url}/right`),
    );
    const recorded = await record(both);
    expect(recorded.run).toMatchObject({ status: 'done', state: { left: '/left ', right: '/right ' } });
    const { run, report } = await recorded.replay(() => (ask = queued()));
    expect(run).toMatchObject({ status: 'done', state: { left: '/left ', right: '/right ' } });
    expect(report).toMatchObject({ verdict: 'same', divergences: [] });
    expect(report.moved).toBeLessThanOrEqual(1);
  });

  it('is found where each node asks for itself now', async () => {
    await using server = await LoopbackServer.start(slow);
    let ask = queued();
    const both = pair(
      () => ask(`${server.url}/left`),
      () => ask(`${server.url}/right`),
    );
    const recorded = await record(both);
    const direct = (url: string): Promise<string> => fetch(url).then((given) => given.text());
    const { report } = await recorded.replay(() => (ask = direct));
    expect(report).toMatchObject({ verdict: 'same', moved: 1 });
  });

  it('is no excuse for a request that was not recorded anywhere', async () => {
    await using server = await LoopbackServer.start(slow);
    let path = '/right';
    const both = pair(
      () => fetch(`${server.url}/left`).then((given) => given.text()),
      () => fetch(`${server.url}${path}`).then((given) => given.text()),
    );
    const recorded = await record(both);
    const { report } = await recorded.replay(() => (path = '/left'));
    expect(report).toMatchObject({ verdict: 'diverged' });
  });
});

describe('a batcher that sends after its node', () => {
  it('delivers what it gathered, during the run and after it', async () => {
    const delivered: string[] = [];
    await using server = await LoopbackServer.start(async (request, response) => {
      delivered.push((await bodyOf(request)).toString());
      response.end();
    });
    const failed: unknown[] = [];
    const flush = (text: string): void => {
      setTimeout(() => void fetch(server.url, { method: 'POST', body: text }).catch((error) => failed.push(error)), 20);
    };
    const logging = graph('logging', { state: fields({ done: last(0) }) })
      .node('early', () => flush('early'))
      .node('wait', () => pause(120))
      .node('late', () => flush('late'))
      .edge('early', 'wait')
      .edge('wait', 'late')
      .start('early')
      .build();
    const recorded = await record(logging);
    expect(recorded.run).toMatchObject({ status: 'done', notes: [{ kind: 'late-request' }] });
    expect(kindsOf(recorded.entries, 'pooled')).toMatchObject([{ at: '1.0#1', request: { body: 'early' } }]);
    expect(kindsOf(recorded.entries, 'effect')).toEqual([]);
    while (delivered.length < 2) await pause(5);
    expect([delivered, failed]).toEqual([['early', 'late'], []]);
    expect((await recorded.replay()).report).toMatchObject({ verdict: 'same', moved: 0 });
  });
});

describe('a request that belongs to nobody', () => {
  it('goes out, and is noted by host with its count in the journal', async () => {
    await using server = await LoopbackServer.start((_request, response) => response.end('answer'));
    const jobs: (() => void)[] = [];
    const worker = setInterval(() => jobs.shift()?.(), 1);
    const ask = (): Promise<string> =>
      new Promise((resolve, reject) => {
        jobs.push(
          () =>
            void fetch(server.url)
              .then((given) => given.text())
              .then(resolve, reject),
        );
      });
    const asking = pair(
      async () => [await ask(), await ask()],
      async () => 'nothing',
    );
    const recorded = await record(asking);
    clearInterval(worker);
    expect(recorded.run).toMatchObject({ status: 'done', state: { left: ['answer', 'answer'] } });
    const [note, ...more] = kindsOf(recorded.entries, 'note');
    expect(more).toEqual([]);
    expect(note).toMatchObject({
      at: '2',
      what: 'unrecorded',
      mayNotReplay: true,
      observed: { count: 2, stack: expect.stringContaining('http-pool.test.ts') },
    });
    expect(recorded.run.notes).toMatchObject([{ kind: 'unrecorded', message: expect.stringContaining('127.0.0.1') }]);
  });
});
