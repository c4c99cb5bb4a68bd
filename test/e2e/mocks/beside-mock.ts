// Matchers beside the mocks of a user's own tests: started before, after and around a replay, and while one is under way.
// Ours passes, and theirs answer as before.
import nodeHttp from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fields, graph, last } from '../../../src/index.ts';
import { recordRun } from '../../../src/record/index.ts';
import { replayText } from '../../../src/report/index.ts';
import { replay } from '../../../src/vitest/index.ts';
import { sharedFolder } from '../../support/folder.ts';
import { LoopbackServer } from '../../support/loopback-server.ts';
import type { Handler } from '../../support/loopback-server.ts';

export interface Mock {
  start(): void;
  stop(): void;
  /** That the mock does what it is for. `real`: the address of a server that it does not know. */
  works(real: string): Promise<void>;
}

/** What mocks of requests answer with "mocked". */
export const mocked = 'http://api.test/thing';

export async function expectAnswers(real: string): Promise<void> {
  expect(await (await fetch(mocked)).text()).toBe('mocked');
  expect(await overNode(mocked)).toBe('mocked');
  await expect(fetch(`${real}/unhandled`)).rejects.toThrow();
}

function overNode(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    nodeHttp
      .get(url, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve(text));
      })
      .on('error', reject);
  });
}

/** Told when the node has asked for the first time. */
let asked: () => void = () => undefined;

const asking = graph('asking', { state: fields({ url: last<string>(), heard: last<readonly string[]>([]) }) })
  .node('ask', async ({ url }) => {
    const answered = fetch(`${url}/fetch`, { signal: AbortSignal.timeout(60_000) });
    asked();
    const first = await (await answered).text();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await overNode(`${url}/node`);
    await new Promise((resolve) => setImmediate(resolve));
    return { delta: { heard: [first, second, String(Date.now() > 1_000)] } };
  })
  .start('ask')
  .build();

export function describeBeside(name: string, mock: Mock): void {
  const folder = sharedFolder();
  let server: LoopbackServer;
  /** One that nothing has a connection to: nock by itself lets those pass. */
  let unknown: LoopbackServer;
  let path: string;
  let served = 0;
  const serve: Handler = (request, response) => {
    served += 1;
    response.end(`real ${request.url}`);
  };

  beforeAll(async () => {
    [server, unknown] = await Promise.all([LoopbackServer.start(serve), LoopbackServer.start(serve)]);
    ({ path } = await recordRun(asking, { url: server.url }, { runId: 'one', out: `${folder}/` }));
    served = 0;
  });
  afterAll(() => Promise.all([server[Symbol.asyncDispose](), unknown[Symbol.asyncDispose]()]));
  afterEach(() => expect(served).toBe(0));

  async function expectSame(): Promise<void> {
    const { run, report } = await replay(asking, path);
    expect(replayText(report)).toMatch(/same as recorded/);
    expect(report).toMatchObject({ networkCalls: 0, refused: [] });
    expect(run.state.heard).toEqual(['real /fetch', 'real /node', 'true']);
  }

  async function expectWorks(): Promise<void> {
    mock.start();
    await mock.works(unknown.url);
    mock.stop();
  }

  describe(name, () => {
    it('before and after a replay', async () => {
      await expectWorks();
      await expectSame();
      await expectWorks();
    });

    it('around replays', async () => {
      mock.start();
      for (const _time of [1, 2]) {
        await expectSame();
        await mock.works(unknown.url);
      }
      mock.stop();
      await expectWorks();
    });

    it('started, or stopped, while one is under way', async () => {
      const underWay = new Promise<void>((resolve) => {
        asked = resolve;
      });
      const first = expectSame();
      await underWay;
      mock.start();
      await first;
      await mock.works(unknown.url);
      const second = expectSame();
      await Promise.resolve();
      mock.stop();
      await second;
      await expectSame();
      await expectWorks();
    });

    it('used by a test while replays are under way', async () => {
      mock.start();
      await Promise.all([expectSame(), mock.works(unknown.url), expectSame(), expectSame()]);
      await mock.works(unknown.url);
      mock.stop();
    });

    describe.concurrent('with tests side by side', () => {
      beforeAll(() => mock.start());
      afterAll(() => mock.stop());
      it.for([1, 2, 3])('%i', async (_number, { expect: own }) => {
        await own(asking).toReplay(path);
      });
    });
  });
}
