// Laws of stores that copy what a fork shares: it is as if the fork had been created with every entry.
import assert from 'node:assert/strict';
import type { RunCheckpoint } from '../../journal/run/checkpoint.ts';
import type { Entry, NoteEntry, RunEntry } from '../../journal/entry.ts';
import type { RunStore, SharedJournal } from '../../port/store.ts';
import { assertJournal, assertRefused } from './law-assert.ts';
import { commitEntry, endEntry, eventEntry, noteEntry, runEntry, stored } from './law-entries.ts';
import { isPrunable, law } from './store-law.ts';
import type { StoreLaw, StorePlace } from './store-law.ts';

interface ForkingStore extends RunStore {
  fork(...given: Parameters<NonNullable<RunStore['fork']>>): ReturnType<NonNullable<RunStore['fork']>>;
}

export function canFork(store: RunStore): store is ForkingStore {
  return typeof (store as Partial<ForkingStore>).fork === 'function';
}

function connected(place: StorePlace): ForkingStore {
  const store = place.connect();
  if (!canFork(store)) throw new TypeError('the store has no `fork`');
  return store;
}

const stepCount = 1_200;
/** Long enough, and repeated, for a store that keeps contents apart. */
const text = 'the same words '.repeat(300);

const terms: NoteEntry = stored({
  ...noteEntry('2'),
  what: 'terms',
  observed: { time: 1_170, terms: { pauseBefore: ['ask'] } },
}) as unknown as NoteEntry;

function stepEntries(step: number): readonly Entry[] {
  const data = step % 100 === 1 ? { step, text, own: `${step} ${text}` } : step;
  return [eventEntry(`${step}.0#1`, { data }), commitEntry(String(step), { frontier: [{ node: 'ask' }] })];
}

const parentEntries: readonly Entry[] = [
  commitEntry('0', { frontier: [{ node: 'ask' }] }),
  ...stepEntries(1),
  terms,
  noteEntry('2.0#1'),
  ...Array.from({ length: stepCount - 1 }, (_unused, index) => stepEntries(index + 2)).flat(),
];

const ownEntries: readonly Entry[] = [eventEntry('9.0#1', { name: 'own', data: text })];

async function withParent(store: RunStore): Promise<void> {
  const lease = await store.create(runEntry('parent'));
  await store.append(lease, parentEntries);
  await store.append(lease, [endEntry({ step: stepCount })]);
}

function forkEntry(runId: string, step: number): RunEntry {
  const run = runEntry(runId);
  return stored({ ...run, observed: { runId, time: 5_000, parent: { runId: 'parent', step } } }) as unknown as RunEntry;
}

/** What a fork shares that begins after the commit of a step. */
function sharedUpTo(run: RunEntry, step: number): SharedJournal {
  const place = parentEntries.findIndex((entry) => entry.kind === 'commit' && entry.at === String(step)) + 1;
  const checkpoint: RunCheckpoint = {
    run,
    step,
    state: stored({ text }),
    frontier: [{ node: 'ask' }],
    stepCount: step,
  };
  return { runId: 'parent', end: place + 1, checkpoint: { place, checkpoint } };
}

function entriesOf(run: RunEntry, { end }: SharedJournal): readonly Entry[] {
  return [run, ...parentEntries.slice(0, end - 1).filter((entry) => entry !== terms), ...ownEntries];
}

export const forkLaws: readonly StoreLaw[] = [
  law('a fork holds what it shares, but for the terms of its parent, and stands on its own', async (place) => {
    const store = connected(place);
    await withParent(store);
    const forks = [0, 1, 2, 700, stepCount].map((step) => {
      const run = forkEntry(`fork-${step}`, step);
      return { run, shared: sharedUpTo(run, step) };
    });
    for (const { run, shared } of forks) await store.release(await store.fork(run, shared, ownEntries));
    if (isPrunable(store)) await store.delete('parent');
    for (const { run, shared } of forks)
      await assertJournal(place.connect(), run.observed.runId, entriesOf(run, shared));
  }),
  law('a fork is owned by whom its lease was given to, and is written like any run', async (place) => {
    const store = connected(place);
    await withParent(store);
    const run = forkEntry('fork', 700);
    const shared = sharedUpTo(run, 700);
    const lease = await store.fork(run, shared, ownEntries, { owner: 'one', leaseMs: 1_000 });
    await assertRefused(() => place.connect().take('fork', { owner: 'two', leaseMs: 1_000 }), 'run-owned');
    const entry = eventEntry('9.0#1', { name: 'later' });
    await store.append(lease, [entry]);
    await assertJournal(store, 'fork', [...entriesOf(run, shared), entry]);
    assert.equal((await store.find('fork'))?.status, 'running');
  }),
  law('a fork whose id is taken, or whose parent is not there, is refused, and leaves nothing', async (place) => {
    const store = connected(place);
    await withParent(store);
    const taken = forkEntry('parent', 1);
    await assertRefused(() => store.fork(taken, sharedUpTo(taken, 1), ownEntries), 'run-exists');
    const lost = forkEntry('fork', 1);
    const shared = { ...sharedUpTo(lost, 1), runId: 'gone' };
    await assertRefused(() => store.fork(lost, shared, ownEntries), 'run-unknown');
    assert.equal(await store.find('fork'), undefined);
    assert.equal((await store.list({})).length, 1);
  }),
];
