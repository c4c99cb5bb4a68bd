// Tasks of one step that share a variable replay the same, whichever of them had to wait for others: for a slot, for a
// further attempt, for a turn of the event loop.
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { append, createEngine, fields, graph, input, memoryStore } from 'reprise';
import type { AnyGraph, NodeContext, NodeOptions } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { drawStream } from '../../../src/base/draw.ts';
import { keptStore } from '../../support/changed-store.ts';
import { temporaryFolder } from '../../support/folder.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const recordings = isLong ? 100 : 3;
const { next } = drawStream(process.env.REPRISE_TEST_SEED ?? '20261129', 'sharing');

type Kind = 'asks' | 'only waits' | 'sleeps' | 'at once' | 'inside';

interface Sharing {
  readonly kinds: readonly Kind[];
  readonly options?: Pick<NodeOptions, 'maxConcurrent' | 'retry'>;
  /** Of the whole run. */
  readonly maxConcurrent?: number;
}

/** Some answers come at once, and every second one is a refusal if the task may try again. */
async function outside(mayFail: boolean): Promise<string> {
  const ms = Math.floor(next() * 6) - 1;
  if (ms > 0) await wait(ms);
  return mayFail && next() < 0.5 ? 'no' : 'yes';
}

/** Each task says what it found in the variable, before and after it waited. */
function sharingGraph({ kinds, options = {} }: Sharing): AnyGraph {
  let trace = '';
  const see = (what: string): string => {
    trace = `${trace.slice(-40)}${what} `;
    return trace;
  };
  const found = fields({ found: append<string>() });
  const inner = graph('inner', { state: found })
    .node('first', async (_state, { effect }) => {
      await effect('inside', see('['), () => outside(false));
      return { delta: { found: [see('-')] } };
    })
    .node('second', async () => {
      const before = see('+');
      await wait(1);
      return { delta: { found: [`${before}: ${see(']')}`] } };
    })
    .edge('first', 'second')
    .start('first')
    .build();
  return graph('sharing', {
    state: found,
    inputs: { work: input<{ id: number; kind: Kind }>(), within: input<number>() },
  })
    .node('plan', (_state, { send }) => ({
      route: kinds.map((kind, id) => (kind === 'inside' ? send('within', id) : send('work', { id, kind }))),
    }))
    .node(
      'work',
      (_state, { input: { id, kind }, effect, sleep, attempt }) => {
        const before = see(`<${id}`);
        const end = (): { readonly delta: { readonly found: string[] } } => ({
          delta: { found: [`${before}: ${see(`${id}>`)}`] },
        });
        if (kind === 'at once') return end();
        return (async () => {
          if (kind === 'asks') {
            const mayFail = options.retry !== undefined && attempt < 3;
            const answer = await effect('ask', trace, () => outside(mayFail));
            if (answer === 'no') throw new Error(see(`${id}!`));
          } else if (kind === 'sleeps') await sleep(2, 'a little');
          else await wait(1);
          return end();
        })();
      },
      options,
    )
    .subgraph('within', inner, {
      input: () => ({}),
      output: ({ found: seen }) => ({ found: seen }),
    })
    .start('plan')
    .build() as unknown as AnyGraph;
}

/** One task has too little time, and says so in the variable; the others say what they found there. */
function abortingGraph(): AnyGraph {
  let trace = '';
  const found = fields({ found: append<string>() });
  const asks = async (_state: unknown, { effect }: Pick<NodeContext<undefined, never>, 'effect'>) => {
    for (let turn = 0; turn < 4; turn += 1) trace += await effect('ask', trace, () => outside(false));
    return { delta: { found: [trace] } };
  };
  return graph('aborting', { state: found })
    .node('begin', () => ({}))
    .node(
      'late',
      async (_state, { effect, signal, attempt }) => {
        if (attempt > 1) return { delta: { found: [trace] } };
        const aborted = new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            trace += ' aborted ';
            reject(signal.reason as Error);
          });
        });
        await effect('ask', 'late', () => outside(false));
        return aborted;
      },
      { timeoutMs: 5, retry: { attempts: 2 } },
    )
    .node('one', asks as never)
    .node('two', asks as never)
    .edge('begin', 'late')
    .edge('begin', 'one')
    .edge('begin', 'two')
    .start('begin')
    .build() as unknown as AnyGraph;
}

function expectSame(sharing: Sharing, folder: string): Promise<void> {
  return expectSameGraph(() => sharingGraph(sharing), folder, sharing);
}

async function expectSameGraph(
  graphOf: () => AnyGraph,
  folder: string,
  { maxConcurrent }: Pick<Sharing, 'maxConcurrent'> = {},
): Promise<void> {
  const store = keptStore(memoryStore());
  const engine = createEngine(graphOf(), {
    store,
    ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
  });
  const recorded = (await engine.run({}, { runId: 'run' })) as { readonly state: unknown; readonly status: string };
  await engine.close();
  const path = await exportRunTo(store, 'run', join(folder, 'run.run.jsonl'), { force: true });
  const { run, report } = await replay(graphOf(), path);
  const { state } = run as { readonly state: unknown };
  expect({ state, verdict: report.verdict, outOfOrder: report.outOfOrder }).toEqual({
    state: recorded.state,
    verdict: 'same',
    outOfOrder: 0,
  });
}

const asking: readonly Kind[] = ['asks', 'asks', 'asks', 'asks'];
const mixed: readonly Kind[] = ['at once', 'asks', 'at once', 'only waits', 'sleeps', 'at once', 'asks', 'at once'];
const retry = { attempts: 3, delayMs: 1 };

describe.each<[string, readonly Kind[]]>([
  ['tasks that ask', asking],
  ['tasks of each kind', mixed],
])('%s', (_name, kinds) => {
  it.each<[string, Omit<Sharing, 'kinds'>]>([
    ['the run runs one at a time', { maxConcurrent: 1 }],
    ['the run runs two at a time', { maxConcurrent: 2 }],
    ['all run at once', {}],
    ['their node runs one at a time', { options: { maxConcurrent: 1 } }],
    ['their node runs two at a time', { options: { maxConcurrent: 2 } }],
    ['they try again', { options: { retry } }],
    ['they try again, one at a time in the run', { options: { retry }, maxConcurrent: 1 }],
    ['they try again, two at a time in the run', { options: { retry }, maxConcurrent: 2 }],
    ['they try again, one at a time at their node', { options: { retry, maxConcurrent: 1 } }],
    ['they try again, two at a time at their node', { options: { retry, maxConcurrent: 2 } }],
  ])('see the same in a replay where %s', { timeout: 600_000 }, async (_how, how) => {
    const folder = temporaryFolder();
    for (let count = 0; count < recordings; count += 1) await expectSame({ kinds, ...how }, folder);
  });
});

it.each([1, 2, 64])('subgraphs that share a variable see the same in a replay, %s at a time', async (maxConcurrent) => {
  const folder = temporaryFolder();
  const kinds: readonly Kind[] = ['inside', 'asks', 'inside', 'at once', 'only waits', 'inside'];
  for (let count = 0; count < recordings; count += 1) await expectSame({ kinds, maxConcurrent }, folder);
});

it('the abort of an attempt whose time is over comes in its place', { timeout: 600_000 }, async () => {
  const folder = temporaryFolder();
  for (let count = 0; count < recordings * 4; count += 1) await expectSameGraph(abortingGraph, folder);
});

it('tasks whose starts the end of a turn separates see the same in a replay', async () => {
  const folder = temporaryFolder();
  const kinds = Array.from({ length: 600 }, (_, id): Kind => (id % 7 === 3 ? 'only waits' : 'at once'));
  await expectSame({ kinds, maxConcurrent: 1_000 }, folder);
});
