// Graphs whose results depend on what comes first: programs as they are written every day.
import { setTimeout as wait } from 'node:timers/promises';
import { fields, graph, last } from 'reprise';
import type { AnyGraph, NodeContext } from 'reprise';

type Context = NodeContext<undefined, Readonly<Record<never, never>>>;

/** What the outside does. Each call takes another time. */
export interface Outside {
  readonly origin: string;
  call<Result>(result: Result): Promise<Result>;
}

type Node = (context: Context, outside: Outside) => Promise<unknown>;

/** Of three calls that may fail, in the order in which they come back, two do. */
let returned = 0;

const effectOf =
  ({ effect }: Context, outside: Outside) =>
  (name: string, request: unknown = null): Promise<string> =>
    effect(name, request, () => outside.call(`${name} ${JSON.stringify(request)}`));

const nodes: Readonly<Record<string, Node>> = {
  'a race': async (context, outside) => {
    const ask = effectOf(context, outside);
    return ask('tell', await Promise.race([ask('a'), ask('b'), ask('c')]));
  },
  any: async (context, outside) => {
    const ask = effectOf(context, outside);
    const failing = context.effect('fails', null, async () => {
      await outside.call(0);
      throw new Error('no');
    });
    return ask('tell', await Promise.any([failing, ask('a'), ask('b')]));
  },
  'a limiter of width 2': async (context, outside) => {
    const ask = effectOf(context, outside);
    const jobs = [0, 1, 2, 3, 4];
    const done: string[] = [];
    const worker = async (name: string): Promise<void> => {
      for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
        await ask('job', { name, job, left: jobs.length });
        done.push(`${name}${job}`);
      }
    };
    await Promise.all([worker('x'), worker('y')]);
    return done;
  },
  'a hedge': async (context, outside) => {
    const ask = effectOf(context, outside);
    let isDone = false;
    const first = ask('first').finally(() => {
      isDone = true;
    });
    const second = wait(3).then(() => (isDone ? first : ask('second')));
    return ask('tell', await Promise.race([first, second]));
  },
  'a fallback after a time': async (context, outside) => {
    const ask = effectOf(context, outside);
    const late = new Promise<string>((resolve) => setTimeout(resolve, 4, 'fallback'));
    return ask('tell', await Promise.race([ask('answer'), late]));
  },
  'a flag beside an answer': async (context, outside) => {
    const ask = effectOf(context, outside);
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 1);
    const seen: number[] = [];
    for (const name of ['a', 'b', 'c']) {
      await ask(name);
      seen.push(ticks);
    }
    clearInterval(timer);
    return ask('tell', seen);
  },
  'two branches with a shared queue': async (context, outside) => {
    const ask = effectOf(context, outside);
    const queue: string[] = [];
    const branch = async (name: string): Promise<void> => {
      for (let turn = 0; turn < 3; turn += 1) {
        queue.push(await ask(name, { turn, seen: queue.length }));
      }
    };
    await Promise.all([branch('left'), branch('right')]);
    return queue;
  },
  'an answer against a signal': async (context, outside) => {
    const ask = effectOf(context, outside);
    const signal = AbortSignal.timeout(4);
    const aborted = new Promise<string>((resolve) => {
      signal.addEventListener('abort', () => resolve((signal.reason as Error).name), { once: true });
    });
    return ask('tell', await Promise.race([ask('answer'), aborted]));
  },
  'parts of two streams': async (context, outside) => {
    const parts: string[] = [];
    const read = async (name: string): Promise<void> => {
      const response = await fetch(`${outside.origin}/${name}`);
      const decoder = new TextDecoder();
      for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) parts.push(decoder.decode(part));
    };
    await Promise.all([read('one'), read('two')]);
    return effectOf(context, outside)('tell', parts);
  },
  'a call against a sleep': async (context, outside) => {
    const ask = effectOf(context, outside);
    const slept = context.sleep(4, 'limit').then(() => 'timed out');
    return ask('tell', await Promise.race([ask('answer'), slept]));
  },
  'a batcher': async (context, outside) => {
    const ask = effectOf(context, outside);
    let batch: string[] = [];
    let flushed: Promise<string> | undefined;
    const load = (key: string): Promise<string> => {
      batch.push(key);
      flushed ??= wait(2).then(() => {
        const keys = batch;
        batch = [];
        flushed = undefined;
        return ask('batch', keys);
      });
      return flushed;
    };
    const results = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => {
        await ask(name);
        return load(name);
      }),
    );
    return results;
  },
  'a recorded race whose losers leave traces': async (context, outside) => {
    const ask = effectOf(context, outside);
    const traces: string[] = [];
    const branch = (name: string) => async (): Promise<string> => {
      for (const turn of [1, 2, 3]) traces.push(await ask(name, turn));
      return name;
    };
    const { branch: won, value } = await context.race('traces', { a: branch('a'), b: branch('b'), c: branch('c') });
    return ask('tell', [won, value, traces]);
  },
  'a recorded race in which some fail': async (context, outside) => {
    const failing = (name: string) => async (): Promise<string> =>
      context.effect('may fail', name, async () => {
        await outside.call(null);
        returned += 1;
        if (returned % 3 !== 0) throw new Error(name);
        return name;
      });
    const once = async (): Promise<unknown> =>
      context
        .race('failing', { a: failing('a'), b: failing('b') })
        .catch(({ errors }: AggregateError) => String(errors));
    return effectOf(context, outside)('tell', [await once(), await once()]);
  },
  'a recorded race of exchanges': async (context, outside) => {
    const read = (name: string) => async (signal: AbortSignal) => {
      const response = await fetch(`${outside.origin}/${name}`, { signal });
      return response.text();
    };
    const { branch, value } = await context.race('mirrors', { one: read('x'), two: read('x'), three: read('y') });
    return effectOf(context, outside)('tell', [branch, value]);
  },
  'a recorded race of exchanges that ignore their signals': async (context, outside) => {
    const parts: string[] = [];
    const read = (name: string) => async () => {
      const response = await fetch(`${outside.origin}/${name}`);
      const decoder = new TextDecoder();
      for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) parts.push(decoder.decode(part));
      return name;
    };
    const { branch } = await context.race('mirrors', { one: read('one'), two: read('two') });
    return effectOf(context, outside)('tell', branch);
  },
  'a recorded race against timers and sleeps': async (context, outside) => {
    const ask = effectOf(context, outside);
    const { branch, value } = await context.race('answer', {
      asked: async () => ask('answer', await ask('question')),
      slept: async () => context.sleep(6, 'limit'),
      waited: async (signal) => wait(5, 'waited', { signal }),
    });
    return ask('tell', [branch, value]);
  },
  'recorded races in a recorded race': async (context, outside) => {
    const ask = effectOf(context, outside);
    const inner = (name: string) => async () =>
      context.race(name, { left: async () => ask(name, 'l'), right: async () => ask(name, await ask(name, 'r')) });
    const won = await context.race('outer', { a: inner('a'), b: inner('b') });
    return ask('tell', won);
  },
  'an answer against a clock of Node': async (context, outside) => {
    const ask = effectOf(context, outside);
    const answers: string[] = [];
    const all = ['a', 'b'].map((name) => ask(name).then((answer) => answers.push(answer)));
    for (let turn = 0; turn < 3; turn += 1) {
      await wait(2);
      answers.push(`after ${turn}`);
    }
    await Promise.all(all);
    return ask('tell', answers);
  },
};

/** Two nodes of one step that share a token, which the first one fetches that needs it. */
function sharedToken(outside: Outside): AnyGraph {
  let token: Promise<string> | undefined;
  const user = (name: string) => async (_state: unknown, context: Context) => {
    const ask = effectOf(context, outside);
    await ask('before', name);
    token ??= ask('token', name);
    const got = await token;
    return { delta: { [name]: await ask('use', got) } };
  };
  return graph('token', { state: fields({ left: last(''), right: last(''), end: last(false) }) })
    .node('begin', () => {
      token = undefined;
      return {};
    })
    .node('left', user('left') as never)
    .node('right', user('right') as never)
    .edge('begin', 'left')
    .edge('begin', 'right')
    .start('begin')
    .build();
}

/** A timeout of the engine against an answer, over several attempts. */
function timeoutAgainstAnswer(outside: Outside): AnyGraph {
  return graph('timeout', { state: fields({ got: last<unknown>(null) }) })
    .node(
      'ask',
      async (_state, context) => ({ delta: { got: [await effectOf(context, outside)('answer'), context.attempt] } }),
      {
        timeoutMs: 4,
        retry: { attempts: 30, delayMs: 1 },
      },
    )
    .start('ask')
    .build();
}

function ofNode(name: string, node: Node): (outside: Outside) => AnyGraph {
  return (outside) =>
    graph(name, { state: fields({ got: last<unknown>(null) }) })
      .node('n', async (_state, context) => ({ delta: { got: await node(context, outside) } }))
      .start('n')
      .build();
}

/** Its nodes share a variable. */
export const sharingMemory = 'a token that two nodes share';

export const racingGraphs: Readonly<Record<string, (outside: Outside) => AnyGraph>> = {
  ...Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, ofNode(name, node)])),
  [sharingMemory]: sharedToken,
  'a timeout against an answer': timeoutAgainstAnswer,
};
