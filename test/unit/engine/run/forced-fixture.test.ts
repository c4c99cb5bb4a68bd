// A run that was resumed with `force` exports a fixture that the code which ended it replays.
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import type { AnyGraph, RunStore } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { canonicalEntries } from '../../../../src/journal/run/canonical.ts';
import { entryIdentity } from '../../../../src/journal/entry-identity.ts';
import { sqliteStore } from '../../../../src/store/sqlite/index.ts';
import { keptStore } from '../../../support/changed-store.ts';
import { aborted } from '../../../support/aborted.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { collected } from '../../../support/journals.ts';

interface Context {
  readonly signal: AbortSignal;
  readonly random: () => number;
  emit(name: string, data: unknown): void;
  effect(name: string, request: unknown, perform: () => Promise<unknown>): Promise<unknown>;
  sleep(ms: number): Promise<void>;
}
type Work = (context: Context, wait: () => Promise<unknown>) => Promise<unknown>;

/** `work` waits where the first process dies. */
function working(work: Work, life: 'first' | 'later'): AnyGraph {
  const wait = ({ effect, signal }: Context): Promise<unknown> =>
    effect('last', {}, async () => (life === 'first' ? await aborted(signal) : 'B'));
  return graph('working', { state: fields({ a: last<unknown>(null) }) })
    .node('work', (async (_state: unknown, context: Context) => ({
      delta: { a: await work(context, () => wait(context)) },
    })) as never)
    .start('work')
    .build() as unknown as AnyGraph;
}

function around(inner: (life: 'first' | 'later') => AnyGraph, life: 'first' | 'later'): AnyGraph {
  return graph('outer', { state: fields({ a: last<unknown>(null) }) })
    .subgraph('inner', inner(life) as never, {
      input: () => ({}) as never,
      output: ((state: { a: unknown }) => ({ a: state.a })) as never,
    })
    .start('inner')
    .build() as unknown as AnyGraph;
}

async function interrupted(store: RunStore, made: AnyGraph): Promise<void> {
  const engine = createEngine(made, { store: keptStore(store) });
  const begun = engine.run({}, { runId: 'run' });
  for (;;) {
    const entryCount = (await store.find('run'))?.entryCount ?? 0;
    if (entryCount > 2) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await engine.close();
  await begun;
}

async function forced(store: RunStore, before: AnyGraph, after: AnyGraph): Promise<string> {
  await interrupted(store, before);
  await using engine = createEngine(after, { store: keptStore(store) });
  await expect(engine.resume('run', { force: true })).resolves.toMatchObject({ status: 'done' });
  return await exportRunTo(store, 'run', `${temporaryFolder()}/run.run.jsonl`);
}

const ask =
  (prompt: string): Work =>
  async ({ effect, emit }, wait) => {
    const answer = await effect('ask', { prompt }, async () => `answer to ${prompt}`);
    emit('told', { prompt });
    await wait();
    return answer;
  };

const changes: readonly (readonly [string, Work, Work])[] = [
  ['another request', ask('v1'), ask('v2')],
  ['the same', ask('v1'), ask('v1')],
  [
    'fewer effects',
    async ({ effect }, wait) => {
      await effect('one', {}, async () => 1);
      await effect('two', {}, async () => 2);
      return await wait();
    },
    async ({ effect }, wait) => {
      await effect('two', {}, async () => 2);
      return await wait();
    },
  ],
  [
    'the same effects in another order, and one more',
    async ({ effect }, wait) => {
      await effect('one', {}, async () => 1);
      await effect('two', {}, async () => 2);
      return await wait();
    },
    async ({ effect }, wait) => {
      await effect('three', {}, async () => 3);
      await effect('two', {}, async () => 2);
      await effect('one', {}, async () => 1);
      return await wait();
    },
  ],
  [
    'another event, and fewer',
    async ({ effect, emit }, wait) => {
      emit('told', 1);
      emit('told', 2);
      await effect('one', {}, async () => 1);
      return await wait();
    },
    async ({ effect, emit }, wait) => {
      emit('told', 'other');
      await effect('one', {}, async () => 1);
      return await wait();
    },
  ],
  [
    'a throw that is caught',
    async ({ effect }, wait) => {
      await effect('one', {}, async () => 1);
      return await wait();
    },
    async ({ effect }) => {
      try {
        await effect('fails', {}, () => Promise.reject(new Error('no')));
      } catch {
        return 'caught';
      }
      return 'not reached';
    },
  ],
];

const stores = [
  ['memory', () => memoryStore()],
  ['SQLite', () => sqliteStore(`${temporaryFolder()}/runs.db`)],
] as const;

describe.each(stores)('a run in %s that was resumed with force', (_kind, open) => {
  it.each(changes)('replays with the code that ended it: %s', async (name, before, after) => {
    const store = open();
    const path = await forced(store, working(before, 'first'), working(after, 'later'));
    for (const mode of ['effects', 'outputs'] as const) {
      const { report } = await replay(working(after, 'later'), path, { mode });
      expect(report.divergences).toEqual([]);
    }
    if (name !== 'the same') expect((await replay(working(before, 'later'), path)).report.verdict).toBe('diverged');
    await store.close();
  });

  it.each(changes)('replays where that code was inside a subgraph: %s', async (_name, before, after) => {
    const store = open();
    const [first, later] = [before, after].map((work) => (life: 'first' | 'later') => working(work, life));
    if (first === undefined || later === undefined) throw new Error('two versions are compared');
    const path = await forced(store, around(first, 'first'), around(later, 'later'));
    const { report } = await replay(around(later, 'later'), path);
    expect(report.divergences).toEqual([]);
    await store.close();
  });

  it('replays where another node of a subgraph came next', async () => {
    const store = open();
    const chain = (next: 'two' | 'three') => (life: 'first' | 'later') =>
      graph('chain', { state: fields({ a: last<unknown>(null) }) })
        .node('one', async (_state, { effect }) => ({ delta: { a: await effect('one', {}, async () => 1) } }))
        .node(next, async (_state, { effect, emit, signal }) => {
          emit('told', next);
          await effect(next, {}, async () => 1);
          await effect('last', {}, async () => (life === 'first' ? await aborted(signal) : 'B'));
          return {};
        })
        .edge('one', next as 'two')
        .start('one')
        .build() as unknown as AnyGraph;
    const path = await forced(store, around(chain('two'), 'first'), around(chain('three'), 'later'));
    const { report } = await replay(around(chain('three'), 'later'), path);
    expect(report.divergences.filter(({ kind }) => kind !== 'graph')).toEqual([]);
    await store.close();
  });

  it('keeps in its journal what earlier code did, and says that it no longer counts', async () => {
    const store = open();
    await forced(store, working(ask('v1'), 'first'), working(ask('v2'), 'later'));
    const entries = await collected(store.read('run'));
    const prompts = (list: readonly { readonly kind: string; readonly request?: unknown }[]) =>
      list.flatMap((entry) => (entry.kind === 'effect' ? [(entry.request as { prompt?: string }).prompt] : []));
    expect(prompts(entries).sort()).toEqual(['v1', 'v2', undefined]);
    expect(prompts(canonicalEntries(entries)).sort()).toEqual(['v2', undefined]);
    expect(entries.filter(({ kind }) => kind === 'note')).toMatchObject([
      { what: 'resumed-by-force', at: '1' },
      { what: 'forced', message: expect.stringContaining('event "told" of earlier code') },
      { what: 'forced', message: expect.stringContaining('effect "ask" of earlier code') },
    ]);
    const canonical = canonicalEntries(entries);
    expect(new Set(canonical.map(entryIdentity)).size).toBe(canonical.length);
    await store.close();
  });
});
