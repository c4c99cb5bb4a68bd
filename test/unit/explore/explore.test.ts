import { expect, it } from 'vitest';
import { fields, graph, last } from '../../../src/index.ts';
import { exploreText } from '../../../src/report/index.ts';
import { explore } from '../../../src/explore/explore.ts';
import type { ExploreOptions } from '../../../src/explore/explore-options.ts';
import { fanOut, oneNode } from '../../finder/fan-out.ts';
import { listeningAt } from '../../finder/loopback.ts';
import { recorded } from '../../finder/recorded.ts';

it('names code that waits for what nobody controls, with its stack, and does not hang', async () => {
  const waitsForEver = (): Promise<string> => new Promise(() => undefined);
  const make = () => fanOut({ ids: ['a', 'b'], work: ({ id, ask }) => (id === 'b' ? waitsForEver() : ask('model')) });
  const report = await explore(make, { input: {} });
  expect(report.verdict).toBe('stuck');
  expect(report.uncontrolled).toMatchObject([{ at: '2.1#1', node: 'work' }]);
  expect(report.uncontrolled[0]?.stack).toMatch(/waitsForEver.*explore\.test\.ts/);
});

it('finds an order in which the run never ends', async () => {
  const make = () => {
    let isFirst = true;
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        const answer = await ask('model');
        if (id === 'b' && isFirst) await new Promise(() => undefined);
        isFirst = false;
        return answer;
      },
    });
  };
  const { verdict, finding } = await explore(make, { input: {} });
  expect(verdict).toBe('found');
  expect(finding).toMatchObject({ kind: 'stuck', divergences: [] });
  expect(finding?.holds).toHaveLength(1);
}, 120_000);

it('names the event that became ready otherwise where the journals of two runs are the same', async () => {
  let runs = 0;
  const make = () => {
    runs += 1;
    const names = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'];
    const asked = [...names.slice(runs % 7), ...names.slice(0, runs % 7)];
    return fanOut({
      ids: ['a', 'b'],
      async work({ ask }) {
        await Promise.all(asked.map((name) => ask(name)));
        return '';
      },
    });
  };
  const { verdict, divergences, unlike } = await explore(make, await recorded(make()));
  expect({ verdict, divergences }).toEqual({ verdict: 'not repeatable', divergences: [] });
  expect(unlike).toMatchObject({ event: expect.stringMatching(/^2\.0#1:call:/), node: 'work' });
  expect(unlike?.instead).toMatch(/^2\.0#1:call:/);
  expect(unlike?.instead).not.toBe(unlike?.event);
});

it('runs every order of a small run, and says that this proves it', async () => {
  const make = () => {
    let client: { readonly kind: string } | undefined;
    const work = (): string => {
      client ??= { kind: 'client' };
      return client.kind;
    };
    return fanOut({ ids: ['a', 'b', 'c'], work });
  };
  const report = await explore(make, await recorded(make()));
  expect(report.verdict).toBe('proved');
  expect(report.rungs).toContainEqual({ name: 'all orders', orders: 6, isComplete: true });
});

it('proves by one watched run where no variable is written', async () => {
  const make = () => fanOut({ ids: ['a', 'b', 'c', 'd', 'e', 'f', 'g'], work: ({ ask }) => ask('model') });
  const report = await explore(make, await recorded(make()));
  expect(report.verdict).toBe('proved');
  expect(report.rungs).toContainEqual(expect.objectContaining({ name: 'watch', written: [], hasSeveralWaits: false }));
  expect(report.schedules).toBeLessThan(20);
});

it('keeps its schedules for other orders where those within an attempt do not fit, and says what is shown all the same', async () => {
  const asks = ['one', 'two', 'three', 'four'];
  const make = () =>
    fanOut({ ids: ['a', 'b'], work: async ({ ask }) => (await Promise.all(asks.map((name) => ask(name)))).join() });
  const report = await explore(make, await recorded(make()), { schedules: 20 });
  expect(report.verdict).toBe('no difference');
  expect(report.rungs).toContainEqual({ name: 'within', orders: 0, isComplete: false, of: 24, watched: 5 });
  expect(report.rungs).toContainEqual(expect.objectContaining({ name: 'watch', runs: 5, written: [] }));
  expect(report.rungs.map(({ name }) => name)).toContain('search');
  expect(exploreText(report).replaceAll(/\s+/g, ' ')).toContain(
    'about 24, too many to run them all; while each attempt gets what it got in one of 5 watched runs, no order between',
  );
  const { verdict } = await explore(make, await recorded(make()), { schedules: 40 });
  expect(verdict).toBe('proved');
});

it('gives whole answers in every order where their parts have too many', async () => {
  const parts = 6;
  const url = await listeningAt((_request, response) => {
    let count = 0;
    const next = (): void => {
      count += 1;
      if (count > parts) response.end();
      else response.write(`part ${count} `, () => setTimeout(next, 5));
    };
    next();
  });
  const read = async (id: string): Promise<string> => {
    let text = '';
    const { body } = await fetch(`${url}/${id}`);
    for await (const part of body ?? []) text += Buffer.from(part).toString();
    return text;
  };
  const make = () => oneNode(async () => (await Promise.all(['a', 'b', 'c'].map(read))).join());
  const report = await explore(make, await recorded(make()), { schedules: 100 });
  expect(report.verdict).toBe('no difference');
  expect(report.rungs).toContainEqual({ name: 'all orders', orders: 6, isComplete: true, grain: 'answers' });
  expect(exploreText(report)).toContain('every order of whole answers, the parts of each one after another: 6 of 6');
});

it('sees a global that only a second run writes', async () => {
  const globals = globalThis as { lastWork?: number };
  let calls = 0;
  const given = fanOut({
    ids: ['a', 'b'],
    work() {
      calls += 1;
      if (calls > 2) globals.lastWork = calls;
      return 'done';
    },
  });
  const { rungs } = await explore(given, { input: {} }, { schedules: 3 });
  delete globals.lastWork;
  const watch = rungs.find(({ name }) => name === 'watch') as { written?: readonly { readonly name: string }[] };
  expect(watch.written?.map(({ name }) => name)).toEqual(['calls', 'lastWork']);
});

it('names the variable that carries an order into the result, and who writes it', async () => {
  const make = () => {
    let last = '';
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        await ask('model');
        const before = last;
        last = id;
        return `${id} after ${before}`;
      },
    });
  };
  const { finding } = await explore(make, await recorded(make()));
  expect(finding?.variables).toMatchObject([{ name: 'last', class: 'shared' }]);
  expect(finding?.variables?.[0]?.writers.map(({ node }) => node)).toEqual(['work', 'work']);
});

it('names no variable beside a local one, unless it holds something else in the end', async () => {
  const make = () => {
    let client: { readonly asked: string[] } | undefined;
    let first: string | undefined;
    let open = 0;
    const log: string[] = [];
    return oneNode(async ({ ask }) => {
      client ??= { asked: [] };
      const found: string[] = [];
      const asking = ['a', 'b'].map(async (name) => {
        open += 1;
        found.push(await ask(name));
        client?.asked.push('one more');
        first ??= name;
        log.push(name);
        open -= 1;
      });
      await Promise.all(asking);
      return `${found.join()} ${first} ${open}`;
    });
  };
  const { finding } = await explore(make, await recorded(make()));
  expect(finding?.variables?.map(({ name }) => name)).toEqual(['first', 'log']);
});

it('finds the recorded order where first in, first out asks for what is not recorded', async () => {
  const make = () => {
    const seen: string[] = [];
    return graph('other order', { state: fields({ found: last('') }) })
      .node('only', async (_state, { effect }) => {
        const slowly = async (name: string, ms: number): Promise<void> => {
          await effect(name, {}, () => new Promise((resolve) => setTimeout(resolve, ms, name)));
          seen.push(name);
        };
        await Promise.all([slowly('slow', 20), slowly('quick', 1), slowly('third', 40)]);
        return { delta: { found: await effect('joined', { seen: seen.join() }, () => seen.length.toString()) } };
      })
      .start('only')
      .build();
  };
  const fixture = await recorded(make());
  const { verdict, finding } = await explore(make, fixture);
  expect(verdict).toBe('found');
  expect(finding).toMatchObject({ rung: 'self-check', isFromRecorded: true, isAsRecorded: true });
  expect(finding?.holds).toHaveLength(1);
  expect(finding?.divergences[0]).toMatchObject({ kind: 'request', recorded: 'quick,slow,third' });
  expect(finding?.divergences[0]?.replayed).toBe('slow,quick,third');
  expect(finding?.variables).toMatchObject([{ name: 'seen' }]);
  for (const only of [finding?.schedule as string, 'recorded']) {
    const again = await explore(make, fixture, { only });
    expect(again.finding).toMatchObject({ isAsRecorded: true, divergences: finding?.divergences });
  }
  const inFifo = await explore(make, fixture, { only: 'fifo' });
  expect(inFifo.finding).toMatchObject({ schedule: 'fifo', divergences: finding?.divergences });
  const inOrder = await explore(make, fixture, { only: 'recorded' });
  expect(exploreText(inOrder)).toContain('then it comes out as recorded, and first in, first out it does not:');
});

it('has graphs that read a clock while they are made begin with the run', async () => {
  const made: number[][] = [];
  const make = () => {
    let next = Date.now();
    made.push([next, performance.now(), Number(process.hrtime.bigint())]);
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ ask }) {
        const now = Date.now();
        const at = Math.max(now, next);
        next = at + 15;
        await new Promise((resolve) => setTimeout(resolve, at - now));
        return ask('model');
      },
    });
  };
  const fixture = await recorded(make());
  made.length = 0;
  const { verdict } = await explore(make, fixture, { schedules: 20 });
  expect(verdict).toBe('no difference');
  // Those too that are made to be looked at: packages are loaded with the first, and stay for all.
  expect(new Set(made.map(String)).size).toBe(1);
});

it('says that crashes and faults were not tried where a second run in the process comes out differently', async () => {
  const make = () => {
    const pages = new Map<string, Promise<string>>();
    return oneNode(({ ask }) => {
      const page = pages.get('a') ?? ask('a');
      pages.set('a', page);
      return page;
    });
  };
  const { verdict, rungs } = await explore(make, await recorded(make()), { crashes: true, faults: 'all' });
  expect(verdict).toBe('not repeatable');
  const skipped = 'since a second run in the same process comes out differently';
  expect(rungs.slice(-2)).toEqual([
    { name: 'crashes', skipped },
    { name: 'faults', skipped },
  ]);
});

it('names no variable that Reprise itself holds', async () => {
  const make = () => {
    let started: Date | undefined;
    return fanOut({
      ids: ['a', 'b'],
      async work({ ask }) {
        await ask('model');
        started ??= new Date(0);
        return started.toISOString();
      },
    });
  };
  const { rungs } = await explore(make, await recorded(make()));
  const watch = rungs.find(({ name }) => name === 'watch');
  expect(watch).toMatchObject({ written: [{ name: 'started' }] });
});

it('shows in what a request differs that another order makes', async () => {
  const make = () => {
    let last = '';
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask, effect }) {
        await ask('first');
        last += id;
        return effect('second', { last }, async () => 'answer');
      },
    });
  };
  const { finding } = await explore(make, await recorded(make()));
  expect(finding?.divergences[0]).toMatchObject({ kind: 'request', path: 'request.last' });
});

it('says that there is nothing to explore where only one thing is ever ready', async () => {
  const make = () => oneNode(({ ask }) => ask('model'));
  const report = await explore(make, await recorded(make()));
  expect(report).toMatchObject({ verdict: 'nothing to explore', run: { choices: 0 } });
});

it('holds an invariant against every run', async () => {
  const make = () => {
    const order: string[] = [];
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        await ask('model');
        order.push(id);
        return id;
      },
      after: () => (order[0] === 'a' ? 'a first' : 'b first'),
    });
  };
  const subject = { input: {} };
  const found = ({ state }: { state: unknown }): readonly string[] => (state as { found: readonly string[] }).found;
  const report = await explore(make, subject, {
    compare: (state: { found: readonly string[] }) => state.found.length,
    invariant: (run) => found(run).includes('a first'),
  });
  expect(report.finding).toMatchObject({ kind: 'invariant', message: 'the invariant does not hold' });
});

it('lets fakes answer, and each run have an outside of its own', async () => {
  let made = 0;
  const make = () =>
    fanOut({
      ids: ['a', 'b'],
      work: ({ id, effect }) => effect('charge', { id }, () => Promise.reject(new Error('never performed'))),
    });
  const outside = () => {
    made += 1;
    const keys = new Set<string>();
    return {
      keys,
      effects: {
        charge: async ({ id }: { id: string }, { idempotencyKey }: { idempotencyKey: string }) => {
          keys.add(idempotencyKey);
          return `charged ${id}`;
        },
      },
    };
  };
  const report = await explore(
    make,
    { input: {}, outside },
    {
      invariant: (_run, { keys }: { keys: Set<string> }) => keys.size === 2,
      schedules: 30,
    },
  );
  expect(report).toMatchObject({ verdict: 'no difference' });
  expect(made).toBe(report.schedules);
});

it('tries the same orders for the same seed, and others for another', async () => {
  const make = () =>
    fanOut({ ids: ['a', 'b', 'c', 'd'], work: async ({ ask }) => `${await ask('x')} ${await ask('y')}` });
  const fixture = await recorded(make());
  const [one, same] = [await explore(make, fixture, { seed: 's' }), await explore(make, fixture, { seed: 's' })];
  expect(same).toEqual(one);
});

it.each([
  ['nothing to run', () => oneNode(({ ask }) => ask('model')), undefined, 'there is nothing to run'],
  ['several fixtures', () => oneNode(({ ask }) => ask('model')), ['a.jsonl'], 'there is nothing to run'],
  ['no graph', undefined, 'a.jsonl', 'is not a graph'],
  ['a function that makes none', () => 3, { input: {} }, 'is not a graph'],
])('refuses %s', async (_what, graph, subject, message) => {
  const explored = explore(graph as never, subject as never);
  await expect(explored).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining(message) });
});

it('continues with the drawn order at which it has stopped', async () => {
  let ended: string[] = [];
  const make = () => {
    let order = '';
    return fanOut({
      ids: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
      async work({ id, ask }) {
        const answer = await ask('model');
        order += id;
        if (order.length === 7) ended.push(order);
        return answer;
      },
    });
  };
  const subject = await recorded(make());
  /** The orders that were drawn, with the number of the next one. */
  const explored = async (
    options: ExploreOptions,
  ): Promise<{ readonly drawn: readonly string[]; readonly next: number }> => {
    ended = [];
    const { rungs } = await explore(make, subject, options);
    const [search] = rungs.flatMap((rung) => (rung.name === 'search' && !('skipped' in rung) ? [rung] : []));
    if (search === undefined) throw new Error('it has drawn none');
    // Behind them is one that looks at what another run has left.
    return { drawn: ended.slice(-1 - search.schedules, -1), next: search.next };
  };
  const whole = await explored({ schedules: 120 });
  const first = await explored({ schedules: 90 });
  const rest = await explored({ from: first.next, schedules: 3 + whole.drawn.length - first.drawn.length });
  expect([rest.next, [...first.drawn, ...rest.drawn]]).toEqual([whole.next, whole.drawn]);
  const shares = await Promise.all(
    [0, 1].map((index) => explored({ from: first.next, schedules: 10, shard: { index, count: 2 } })),
  );
  expect(shares.map(({ next }) => next)).toEqual([first.next + 14, first.next + 14]);
});

it('ends when its signal aborts, and says what was shown until then', async () => {
  const make = () => {
    let calls = 0;
    return fanOut({
      ids: ['a', 'b', 'c', 'd'],
      async work({ ask }) {
        calls += 1;
        return calls < 0 ? 'never' : ask('model');
      },
    });
  };
  const stop = new AbortController();
  const told: number[] = [];
  const onProgress = (made: number): void => {
    told.push(made);
    if (made === 12) stop.abort();
  };
  const { verdict, schedules } = await explore(make, await recorded(make()), { signal: stop.signal, onProgress });
  expect(verdict).toBe('no difference');
  expect(schedules).toBeLessThan(20);
  expect(told.slice(0, 10)).toEqual(told.slice(0, 10).toSorted((left, right) => left - right));
});

it('tells how far a long run has come while it is under way, the first one included', async () => {
  const ids = Array.from({ length: 1_100 }, (_, id) => `${id}`);
  const make = () => fanOut({ ids, work: ({ ask }) => ask('model') });
  const told: (readonly number[])[] = [];
  const onProgress = (...each: readonly number[]): void => void told.push(each);
  await explore(make, await recorded(make()), { schedules: 3, onProgress });
  expect(told.slice(0, 4)).toEqual([
    [1, 3, 0],
    [1, 3, 1_000],
    [1, 3, 2_000],
    [2, 3, 0],
  ]);
});
