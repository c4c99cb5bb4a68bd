// `task`: what runs in parallel inside one node is told apart by its task, in whatever order it comes.
import { once } from 'node:events';
import { request } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { append, createEngine, fields, graph, last, memoryStore, openQuestionsOf, task } from '../../src/index.ts';
import type { AnyGraph, NodeContext, RunStore } from '../../src/index.ts';
import { canonicalEntries } from '../../src/journal/run/canonical.ts';
import type { Entry, TaskEntry } from '../../src/journal/entry.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { replayText } from '../../src/report/index.ts';
import { RunTeller } from '../../src/report/run/run-text.ts';
import { sqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { temporaryFolder } from '../support/folder.ts';
import { collected } from '../support/journals.ts';
import { LoopbackServer } from '../support/loopback-server.ts';

type Context = NodeContext<unknown, never, never>;
type Work = (context: Context) => unknown;

const working = (work: Work, options = {}): AnyGraph =>
  graph('working', { state: fields({ out: last<unknown>(null) }) })
    .node('work', async (_state, context) => ({ delta: { out: (await work(context as never)) ?? null } }), options)
    .start('work')
    .build();

async function journal(store: RunStore, runId = 'run'): Promise<readonly Entry[]> {
  return canonicalEntries(await collected(store.read(runId)));
}

async function tasksOf(work: Work, options = {}): Promise<readonly Omit<TaskEntry, 'kind' | 'observed'>[]> {
  const store = memoryStore();
  await createEngine(working(work, options), { store }).run({}, { runId: 'run' });
  return (await journal(store)).flatMap((entry) => {
    if (entry.kind !== 'task') return [];
    const { kind: _kind, observed: _observed, ...rest } = entry;
    return [rest];
  });
}

async function exported(store: RunStore, runId = 'run'): Promise<string> {
  return exportRunTo(store, runId, join(temporaryFolder(), `${runId}.run.jsonl`));
}

async function recorded(work: Work): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(working(work), { store, effects: [httpEffects()] });
  expect(await engine.run({}, { runId: 'run' })).toMatchObject({ status: 'done' });
  return exported(store);
}

async function replayed(path: string, work: Work) {
  const { run, report } = await replay(working(work), path);
  return { out: (run.state as { out: unknown }).out, verdict: report.verdict, report };
}

describe('two branches of a node that ask for the same', () => {
  let answers = 0;
  let requests: string[];
  beforeEach(() => {
    answers = 0;
    requests = [];
  });
  const server = () =>
    LoopbackServer.start((request, response) => {
      requests.push(request.url ?? '');
      // Each answer is another one, and takes its own time.
      answers += 1;
      const answer = String(answers);
      setTimeout(() => response.end(answer), Math.random() * 6);
    });
  /** Both ask an identical question twice, as sub-agents do, and each goes its own way with the answer. */
  const branching = (url: string, delays: readonly [number, number]): Work => {
    const branch = async (name: string, delayMs: number, context: Context): Promise<unknown> => {
      await sleep(delayMs);
      const ask = async (): Promise<string> =>
        (await fetch(`${url}/ask`, { method: 'POST', body: 'a question' })).text();
      const first = await ask();
      const looked = await context.effect('look up', 'the same', async () => Math.random());
      const second = await ask();
      context.emit('answered', [first, second]);
      return [name, first, looked, second, context.random(), context.uuid()];
    };
    return (context) =>
      Promise.all([
        task('left', () => branch('left', delays[0], context)),
        task('right', () => branch('right', delays[1], context)),
      ]);
  };

  it('never get each other’s answers: 20 of 20 replay the same, in their own order and in the other', async () => {
    await using asked = await server();
    const random = (): number => Math.random() * 4;
    for (let round = 0; round < 20; round += 1) {
      const path = await recorded(branching(asked.url, [random(), random()]));
      const first = await replayed(path, branching(asked.url, [random(), random()]));
      expect(replayText(first.report)).toContain('same as recorded');
      // One branch is over before the other begins.
      for (const delays of [
        [0, 30],
        [30, 0],
      ] as const) {
        const other = await replayed(path, branching(asked.url, delays));
        expect(other).toMatchObject({ verdict: 'same', out: first.out });
      }
    }
    expect(requests).toHaveLength(80);
  });

  it('keep their own answers in changed code', async () => {
    await using asked = await server();
    const path = await recorded(branching(asked.url, [5, 0]));
    const same = await replayed(path, branching(asked.url, [0, 0]));
    // The right branch is new, and comes first.
    const changed = await replayed(path, async (context) => {
      const left = (branching(asked.url, [0, 0])(context) as Promise<unknown[]>).then(([first]) => first);
      return [await left];
    });
    expect((changed.out as unknown[])[0]).toEqual((same.out as unknown[])[0]);
  });

  it('get each other’s without it, which is what it is for', async () => {
    await using asked = await server();
    const bare =
      (delays: readonly [number, number]): Work =>
      async () =>
        Promise.all(
          delays.map(async (delayMs) => {
            await sleep(delayMs);
            return (await fetch(`${asked.url}/ask`, { method: 'POST', body: 'a question' })).text();
          }),
        );
    const path = await recorded(bare([0, 30]));
    const { out } = await replayed(path, bare([0, 30]));
    expect(await replayed(path, bare([30, 0]))).not.toMatchObject({ out });
  });
});

describe('the path of a task', () => {
  it('has a number for each name and parent, or a key', async () => {
    const tasks = await tasksOf(async () => {
      await task('search', async () => {
        await task('page', () => 1);
        await task('page', () => 2);
      });
      await task('search', () => task('page', () => 3));
      await task('lint', { key: 'src/a.ts: 100%' }, () => 4);
      task('lint', () => 5);
    });
    expect(tasks.map(({ path, result }) => [path, result.status === 'done' ? result.value : result])).toEqual([
      ['lint#0', 5],
      ['lint[src%2Fa.ts%3A 100%25]', 4],
      ['search#0', undefined],
      ['search#0/page#0', 1],
      ['search#0/page#1', 2],
      ['search#1', 3],
      ['search#1/page#0', 3],
    ]);
  });

  it('follows what was started in it, not who waits for it', async () => {
    const store = memoryStore();
    const work: Work = async ({ effect }) => {
      let inTask: Promise<unknown> = Promise.resolve();
      await task('first', async () => {
        inTask = (async () => {
          await sleep(1);
          return effect('late', 1, async () => 1);
        })();
      });
      await task('second', () => inTask);
    };
    await createEngine(working(work), { store }).run({}, { runId: 'run' });
    expect((await journal(store)).find(({ kind }) => kind === 'effect')).toMatchObject({ task: 'first#0' });
  });

  it('counts effects, draws, questions and events apart', async () => {
    const work: Work = async ({ effect, random, uuid, emit, now }) => {
      const branch = async (): Promise<unknown> => {
        await effect('same', 1, async () => 1);
        await effect('same', 1, async () => 2);
        now();
        emit('done');
        return [random(), uuid()];
      };
      const drawn = [await branch(), await task('a', branch), await task('b', branch)];
      expect(new Set(drawn.map((each) => JSON.stringify(each))).size).toBe(3);
    };
    const store = memoryStore();
    await createEngine(working(work), { store }).run({}, { runId: 'run', seed: 's' });
    const entries = await journal(store);
    const inTask = (kind: string): unknown =>
      entries.flatMap((entry) =>
        entry.kind !== kind
          ? []
          : entry.kind === 'event'
            ? [[entry.task, entry.ordinal]]
            : entry.kind === 'effect'
              ? [[entry.task, entry.name, entry.occurrence]]
              : [],
      );
    expect(inTask('event')).toEqual([
      [undefined, 0],
      ['a#0', 0],
      ['b#0', 0],
    ]);
    expect(inTask('effect')).toEqual(
      [undefined, 'a#0', 'b#0'].flatMap((path) => [
        [path, 'same', 0],
        [path, 'same', 1],
        [path, '', 0],
      ]),
    );
  });

  it('is refused if its name has a reserved character, and once it was opened with a key', async () => {
    for (const name of ['', 'a/b', 'a:b', 'a[b]', 'a#b', 'a\nb', 'x'.repeat(201)])
      expect(() => task(name, () => 1)).toThrow(expect.objectContaining({ code: 'option-invalid' }));
    expect(() => task('a', { keys: 'b' } as never, () => 1)).toThrow(/unknown option "keys"/);
    const run = await createEngine(
      working(() => Promise.all([task('a', { key: 'x' }, () => 1), task('a', { key: 'x' }, () => 2)]), {
        retry: { attempts: 3, delayMs: 0 },
      }),
    ).run({});
    expect(run).toMatchObject({ status: 'failed', error: { code: 'task-duplicate', fields: { path: 'a[x]' } } });
    expect(
      await tasksOf(async () =>
        task('outer', () =>
          (function nest(): unknown {
            return task('n'.repeat(200), nest);
          })(),
        ),
      ),
    ).toContainEqual(
      expect.objectContaining({
        path: 'outer#0',
        result: { status: 'failed', error: expect.objectContaining({ code: 'option-invalid' }) },
      }),
    );
  });
});

describe('what a task takes and gives', () => {
  class Answer {
    readonly text = 'hello';
  }

  it('is what its function does, in a run and outside', async () => {
    const answer = new Answer();
    expect(task('outside', () => answer)).toBe(answer);
    expect(await task('outside', async () => answer)).toBe(answer);
    const given = await tasksOf(async () => {
      expect(task('now', () => answer)).toBe(answer);
      expect(await task('later', async () => answer)).toBe(answer);
      const thrown = new TypeError('no');
      expect(() =>
        task('throws', () => {
          throw thrown;
        }),
      ).toThrow(thrown);
      await expect(
        task('rejects', async () => {
          throw thrown;
        }),
      ).rejects.toBe(thrown);
    });
    expect(given.map(({ path, result }) => [path, result])).toEqual([
      ['later#0', { status: 'done' }],
      ['now#0', { status: 'done' }],
      ['rejects#0', { status: 'failed', error: expect.objectContaining({ name: 'TypeError', message: 'no' }) }],
      ['throws#0', { status: 'failed', error: expect.objectContaining({ name: 'TypeError', message: 'no' }) }],
    ]);
  });

  it('is kept in the journal as far as a journal can hold it', async () => {
    const input = { ids: [1, 2] };
    const tasks = await tasksOf(async () => {
      await task('kept', { input }, async () => new Map([['a', 1n]]));
      await task('not kept', { input: new Answer() }, async () => () => 1);
      input.ids.push(3);
    });
    expect(tasks).toEqual([
      { at: '1.0#1', path: 'kept#0', input: { ids: [1, 2] }, result: { status: 'done', value: new Map([['a', 1n]]) } },
      { at: '1.0#1', path: 'not kept#0', result: { status: 'done' } },
    ]);
  });

  it('begins what begins its work when it is awaited inside the task, once', async () => {
    const store = memoryStore();
    let queries = 0;
    const work: Work = async ({ effect }) => {
      const query = {
        // biome-ignore lint/suspicious/noThenProperty: query builders are like this
        then(resolve: (rows: unknown) => void, reject: (error: unknown) => void) {
          queries += 1;
          effect('query', null, async () => ['row']).then(resolve, reject);
        },
      } as PromiseLike<unknown>;
      return task('rows', () => query);
    };
    expect(await createEngine(working(work), { store }).run({}, { runId: 'run' })).toMatchObject({
      state: { out: ['row'] },
    });
    expect(queries).toBe(1);
    expect((await journal(store)).find(({ kind }) => kind === 'effect')).toMatchObject({ task: 'rows#0' });
  });

  it('may be an async generator, whose code runs inside the task', async () => {
    const store = memoryStore();
    const streaming = graph('streaming', { state: fields({ items: append<string>() }) })
      .node('stream', async function* (_state, { effect }) {
        yield* task('left', async function* () {
          yield { items: [await effect('get', 1, async () => 'one')] };
          yield { items: [await effect('get', 1, async () => 'two')] };
        });
      })
      .start('stream')
      .build();
    const run = await createEngine(streaming, { store }).run({}, { runId: 'run' });
    expect(run).toMatchObject({ status: 'done', state: { items: ['one', 'two'] } });
    const entries = await journal(store);
    expect(entries.filter(({ kind }) => kind === 'effect')).toMatchObject([{ task: 'left#0' }, { task: 'left#0' }]);
    expect(entries.find(({ kind }) => kind === 'task')).toMatchObject({ path: 'left#0', result: { status: 'done' } });
    expect((await replay(streaming, await exported(store))).report).toMatchObject({ verdict: 'same' });
  });

  it('leaves a rejection that nobody awaits to be noticed', async () => {
    const run = await createEngine(
      working(async () => {
        void task('lost', async () => {
          throw new Error('lost');
        });
        await sleep(5);
      }),
    ).run({});
    expect(run.notes).toMatchObject([{ kind: 'unhandled-rejection', message: 'Error: lost' }]);
  });
});

describe('a task and its attempt', () => {
  it('is open if the attempt ends first, and its effects are refused then', async () => {
    const refused: unknown[] = [];
    const racing =
      (slowMs: number): Work =>
      async ({ effect }) =>
        Promise.race([
          task('fast', async () => 'fast'),
          task('slow', async () => {
            await sleep(slowMs);
            await effect('late', 1, async () => 1).catch((error: { code: string }) => refused.push(error.code));
          }),
        ]);
    expect((await tasksOf(racing(10))).map(({ path, result }) => [path, result.status])).toEqual([
      ['fast#0', 'done'],
      ['slow#0', 'open'],
    ]);
    await sleep(20);
    expect(refused).toEqual(['task-detached']);
  });

  it('is not compared for having ended in time', async () => {
    const racing =
      (slowMs: number): Work =>
      async () =>
        Promise.race([
          task('left', async () => void (await sleep(1))),
          task('right', async () => void (await sleep(slowMs))),
        ]).then(() => sleep(slowMs === 30 ? 0 : 20));
    expect(await replayed(await recorded(racing(30)), racing(2))).toMatchObject({ verdict: 'same' });
  });

  it('is open in an attempt that times out, in a replay too', async () => {
    const slow: Work = ({ effect }) =>
      task('outer', async () => {
        await task('first', () => effect('get', 1, async () => 1));
        await task('second', () => effect('get', 2, () => new Promise(() => undefined)));
      });
    const options = { timeoutMs: 40 };
    const store = memoryStore();
    const asked = working(slow, options);
    expect(await createEngine(asked, { store, graceMs: 10 }).run({}, { runId: 'run' })).toMatchObject({
      status: 'failed',
    });
    const statuses = (await journal(store)).flatMap((entry) =>
      entry.kind === 'task' ? [[entry.path, entry.result.status]] : [],
    );
    expect(statuses).toEqual([
      ['outer#0', 'open'],
      ['outer#0/first#0', 'done'],
      ['outer#0/second#0', 'open'],
    ]);
    const { report } = await replay(asked, await exported(store));
    expect(replayText(report)).toContain('same as recorded');
  });

  it('is opened anew by a further attempt', async () => {
    let attempts = 0;
    const tasks = await tasksOf(
      async () => {
        attempts += 1;
        await task('try', () => attempts);
        if (attempts === 1) throw new Error('again');
      },
      { retry: { attempts: 2, delayMs: 0 } },
    );
    expect(tasks).toEqual([
      { at: '1.0#1', path: 'try#0', result: { status: 'done', value: 1 } },
      { at: '1.0#2', path: 'try#0', result: { status: 'done', value: 2 } },
    ]);
  });

  it('keeps the place of an effect that happens once', async () => {
    let attempts = 0;
    const performed: string[] = [];
    const pay = async (context: Context, name: string): Promise<unknown> =>
      task(name, () =>
        context.effect(
          'pay',
          1,
          async () => {
            performed.push(name);
            return name;
          },
          { once: true },
        ),
      );
    const work: Work = async (context) => {
      attempts += 1;
      const order = attempts === 1 ? ['left', 'right'] : ['right', 'left'];
      const paid: Record<string, unknown> = {};
      for (const name of order) paid[name] = await pay(context, name);
      if (attempts === 1) throw new Error('again');
      return paid;
    };
    const run = await createEngine(working(work, { retry: { attempts: 2, delayMs: 0 } })).run({});
    expect(run).toMatchObject({ status: 'done', state: { out: { left: 'left', right: 'right' } } });
    expect(performed).toEqual(['left', 'right']);
  });

  it('works in a node of a subgraph', async () => {
    const inner = graph('inner', { state: fields({ out: last<unknown>(null) }) })
      .node('work', async (_state, { effect }) => ({
        delta: { out: await task('deep', () => effect('get', 1, async () => 7)) },
      }))
      .start('work')
      .build();
    const outer = graph('outer', { state: fields({ out: last<unknown>(null) }) })
      .node('first', async () => void (await task('outside', async () => sleep(1))))
      .subgraph('sub', inner, { input: () => ({}), output: ({ out }) => ({ out }) })
      .edge('first', 'sub')
      .start('first')
      .build();
    const store = memoryStore();
    await createEngine(outer, { store }).run({}, { runId: 'run' });
    const places = (await journal(store)).flatMap((entry) =>
      entry.kind === 'task'
        ? [`${entry.at} ${entry.path}`]
        : entry.kind === 'effect'
          ? [`${entry.at} ${entry.task}`]
          : [],
    );
    expect(places).toEqual(['1.0#1 outside#0', '2.0#1/1.0#1 deep#0', '2.0#1/1.0#1 deep#0']);
    expect((await replay(outer, await exported(store))).report).toMatchObject({ verdict: 'same' });
  });

  it('is a plain call inside an effect', async () => {
    const tasks = await tasksOf(({ effect }) => effect('outer', 1, async () => task('inner', () => 1)));
    expect(tasks).toEqual([]);
  });
});

describe('a request of node:http', () => {
  it('belongs to the task that makes it, wherever its body is ended', async () => {
    await using server = await LoopbackServer.start((request, response) => void request.pipe(response));
    const store = memoryStore();
    const work: Work = async () => {
      let made: ClientRequest | undefined;
      const answer = task('makes', () => {
        made = request(server.url, { method: 'POST' });
        return once(made, 'response').then(([message]) => (message as IncomingMessage).setEncoding('utf8').toArray());
      });
      await task('ends', async () => void made?.end('text'));
      return answer;
    };
    await using engine = createEngine(working(work), { store, effects: [httpEffects()] });
    expect(await engine.run({}, { runId: 'run' })).toMatchObject({ status: 'done', state: { out: ['text'] } });
    expect((await journal(store)).find(({ kind }) => kind === 'effect')).toMatchObject({ task: 'makes#0' });
  });
});

describe('a run with tasks', () => {
  it.each(['effect', 'step'] as const)('is stored on disk and streamed like any other: %s', async (durability) => {
    const store = sqliteStore(join(temporaryFolder(), 'runs.db'));
    const asked = working(({ effect }) =>
      Promise.all(
        ['left', 'right'].map((name) => task(name, { input: name }, () => effect('get', 1, async () => name))),
      ),
    );
    await using engine = createEngine(asked, { store, durability });
    const kinds: string[] = [];
    for await (const item of engine.stream({}, { runId: 'run', order: 'canonical' })) kinds.push(item.kind);
    expect(kinds).toEqual(['node-start', 'node-done', 'done']);
    const tasks = (await journal(store)).filter(({ kind }) => kind === 'task');
    expect(tasks).toMatchObject([
      { path: 'left#0', input: 'left', result: { status: 'done', value: 'left' } },
      { path: 'right#0', input: 'right', result: { status: 'done', value: 'right' } },
    ]);
    expect((await replay(asked, await exported(store))).report).toMatchObject({ verdict: 'same' });
  });

  it('is resumed after a crash at any entry, and ends as it would have', async () => {
    const work: Work = async ({ effect }) =>
      Promise.all(
        ['left', 'right'].map((name, place) =>
          task(name, async () => {
            const first = await effect('get', 1, async () => {
              await sleep(place);
              return `${name} 1`;
            });
            return [first, await effect('get', 1, async () => `${name} 2`)];
          }),
        ),
      );
    const store = memoryStore();
    await createEngine(working(work), { store }).run({}, { runId: 'run', seed: 's' });
    const [run, ...entries] = await collected(store.read('run'));
    if (run?.kind !== 'run') throw new Error('a journal begins with its run');
    const whole = await journal(store);
    const commit = entries.findIndex((entry) => entry.kind === 'commit' && entry.at === '1');
    for (let count = 1; count <= commit; count += 1) {
      const left = memoryStore();
      await left.release(await left.create(run, entries.slice(0, count)));
      const resumed = await createEngine(working(work), { store: left }).resume('run');
      expect(resumed.status, String(count)).toBe('done');
      const withoutTimes = (all: readonly Entry[]): unknown => all.map(({ observed: _observed, ...entry }) => entry);
      expect(withoutTimes(await journal(left)), String(count)).toEqual(withoutTimes(whole));
    }
  });

  it('asks its questions by task', async () => {
    const store = memoryStore();
    const asking = working(({ ask }) =>
      Promise.all(['left', 'right'].map((name) => task(name, () => ask('May I?', { name: 'approve' })))),
    );
    const engine = createEngine(asking, { store });
    expect(await engine.run({}, { runId: 'run' })).toMatchObject({ status: 'paused' });
    const keys = (await openQuestionsOf(store, 'run')).map(({ key }) => key);
    expect(keys).toEqual(['1.0>left#0:approve', '1.0>right#0:approve']);
    const answers = { '1.0>right#0:approve': 'right', '1.0>left#0:approve': 'left' };
    expect(await engine.resume('run', { answers })).toMatchObject({ state: { out: ['left', 'right'] } });
  });

  it('of version 1 knows none: code that got tasks since replays it', async () => {
    const store = memoryStore();
    const ask = (context: Context): Promise<unknown> => context.effect('get', 1, async () => Math.random());
    await createEngine(working(ask), { store }).run({}, { runId: 'run' });
    const [run, ...entries] = await collected(store.read('run'));
    if (run?.kind !== 'run') throw new Error('a journal begins with its run');
    const early = memoryStore();
    await early.release(await early.create({ ...run, semantics: 1 }, entries));
    const path = await exported(early);
    expect(await replayed(path, (context) => task('since', () => ask(context)))).toMatchObject({ verdict: 'same' });
  });

  it('names the task in what is shown and in what diverges', async () => {
    const store = memoryStore();
    const searching =
      (query: string, found: string): Work =>
      ({ effect }) =>
        task('research', { input: 'topic' }, async () => {
          await task('search', { key: 'web' }, () => effect('search', { query }, async () => 'page'));
          await task('note', () => found);
        });
    await createEngine(working(searching('a', 'x')), { store }).run({}, { runId: 'run' });
    const teller = new RunTeller();
    const shown: string[] = [];
    const entries = await journal(store);
    const first = entries.findIndex(({ kind }) => kind === 'commit') + 1;
    shown.push(...teller.tell(entries.slice(0, first), 'short'), ...teller.tell(entries.slice(first), 'short'));
    expect(shown.join('\n')).toContain('1.0#1>research#0/search[web]:call:search {"query":"a"} → "page"');
    expect(shown.join('\n')).toContain('1.0#1  task research#0 ("topic") →');
    const path = await exported(store);
    const other = (await replayed(path, searching('b', 'x'))).report;
    expect(other.divergences[0]).toMatchObject({
      kind: 'request',
      address: '1.0#1>research#0/search[web]:call:search',
    });
    const result = (await replayed(path, searching('a', 'y'))).report;
    expect(result.divergences).toMatchObject([
      { kind: 'task', task: 'research#0/note#0', path: 'result', recorded: 'x', replayed: 'y' },
    ]);
    expect(replayText(result)).toContain('task research#0/note#0 of "work" in step 1 (1.0#1) ends differently');
    const gone = (
      await replayed(path, ({ effect }) =>
        task('research', { input: 'topic' }, () =>
          task('search', { key: 'web' }, () => effect('search', { query: 'a' }, async () => 'page')),
        ),
      )
    ).report;
    expect(gone.divergences[0]).toMatchObject({
      task: 'research#0/note#0',
      recorded: 'done',
      replayed: 'was not opened',
    });
  });
});
