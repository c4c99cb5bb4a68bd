// What has to be true of the runs of the kill loop at its end.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createEngine, memoryStore } from '../../../src/index.ts';
import type { RunStore } from '../../../src/index.ts';
import { canonicalEntries, resumedNote } from '../../../src/journal/run/canonical.ts';
import type { ChunkEntry, CommitEntry, EffectEntry, Entry, StopEntry } from '../../../src/journal/entry.ts';
import { RunFold } from '../../../src/journal/fold/run-fold.ts';
import { isOfStopped } from '../../../src/journal/step/stops.ts';
import { httpEffects } from '../../../src/live/http/index.ts';
import { exportRunTo } from '../../../src/record/index.ts';
import { replay } from '../../../src/replay/index.ts';
import { collected } from '../../support/journals.ts';
import type { DrivenRun } from './driver.ts';
import { OutsideService } from './outside.ts';
import type { ReaderProcess } from './processes.ts';
import type { Line } from './reader-main.ts';
import { answerOf, overHttp, signalCount, workGraph } from './work.ts';
import type { WorkGraph } from './work.ts';

/** What a run comes to that nothing was done to: its commits, and the state after each. */
export interface Calm {
  readonly commits: readonly Omit<CommitEntry, 'observed'>[];
  readonly states: readonly unknown[];
}

export async function calmRun({ durability, input, runId }: DrivenRun): Promise<Calm> {
  await using outside = new OutsideService('calm', 0);
  const url = await outside.start();
  const store = memoryStore();
  await using engine = createEngine(workGraph(durability, overHttp(url), url), {
    store,
    effects: [httpEffects()],
    graceMs: 100,
  });
  let run = engine.run(input, { runId, seed: runId });
  for (let number = 0; number < signalCount; number += 1) await sent(() => engine.send(runId, 'item', number));
  await sent(() => engine.send(runId, 'inner', signalCount));
  for (;;) {
    const { status } = await run;
    if (status !== 'paused') {
      expect(status, `${runId}, undisturbed`).toBe('done');
      break;
    }
    for (const { key, question } of await engine.questions(runId)) await engine.answer(runId, key, answerOf(question));
    run = engine.resume(runId);
  }
  const entries = await collected(store.read(runId));
  return { commits: commitsOf(entries), states: statesOf(entries) };
}

/** The run is begun in the same turn, and is in its store a little later. */
async function sent(send: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await send();
    } catch (thrown) {
      if ((thrown as { readonly code?: string }).code !== 'run-unknown') throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

function commitsOf(entries: readonly Entry[]): readonly Omit<CommitEntry, 'observed'>[] {
  return canonicalEntries(entries).flatMap((entry) => {
    if (entry.kind !== 'commit' || entry.at.includes('/')) return [];
    const { observed: _observed, ...canonical } = entry;
    return [canonical];
  });
}

function statesOf(entries: readonly Entry[]): readonly unknown[] {
  const fold = new RunFold();
  return entries.flatMap((entry) => {
    fold.add(entry);
    return entry.kind === 'commit' && !entry.at.includes('/') ? [fold.state] : [];
  });
}

export interface RunCounts {
  stops: number;
  cleaned: number;
  decided: number;
  signals: number;
  answers: number;
  replayed: number;
}

export async function checkRun(store: RunStore, run: DrivenRun, graph: WorkGraph, folder: string): Promise<RunCounts> {
  const { runId } = run;
  const entries = await collected(store.read(runId));
  const fold = new RunFold();
  for (const entry of entries) fold.add(entry);
  const calm = await calmRun(run);
  expect(fold.end?.status, runId).toBe(run.status);
  const reached = fold.step + 1;
  expect(statesOf(entries), runId).toEqual(calm.states.slice(0, reached));
  if (run.status === 'done') expect(commitsOf(entries), runId).toEqual(calm.commits);
  const effects = entries.filter((entry): entry is EffectEntry => entry.kind === 'effect');
  checkSuccesses(runId, effects);
  const received = takenBy(effects, 'receive');
  const asked = takenBy(effects, 'ask');
  const inbox = await store.inbox(runId);
  if (run.status === 'done') {
    expect(inbox.messages, runId).toEqual([]);
    expect([received.length, asked.length], runId).toEqual([signalCount + 1, 4]);
  }
  const taken = [...received, ...asked].map(({ observed }) => observed.message);
  expect(new Set(taken).size, `${runId}: messages that were taken`).toBe(taken.length);
  const items = received.filter(({ name }) => name === 'item').map(({ outcome }) => givenBy(outcome));
  expect(items, `${runId}: signals`).toEqual(items.map((_item, place) => place));
  // After a takeover limit nothing cleans up. If the run is resumed, the attempt is entered again, and may end well.
  const ended = new Set(
    entries.flatMap((entry) => (entry.kind === 'outcome' && !isOfStopped(entry.result) ? [entry.at] : [])),
  );
  const stops = entries.filter((entry): entry is StopEntry => entry.kind === 'stop' && !ended.has(entry.at));
  const cleaned = checkStops(runId, stops, effects);
  const file = join(folder, `${runId}.run.jsonl`);
  await exportRunTo(store, runId, file);
  const { report } = await replay(graph, file);
  expect(report.divergences, `${runId}: its replay`).toEqual([]);
  return {
    stops: stops.length,
    cleaned,
    decided: effects.filter(({ observed }) => observed.decided !== undefined).length,
    signals: received.length,
    answers: asked.length,
    replayed: 1,
  };
}

function givenBy(outcome: EffectEntry['outcome']): unknown {
  return outcome.kind === 'value' ? outcome.value : outcome.error;
}

function takenBy(effects: readonly EffectEntry[], type: EffectEntry['type']): readonly EffectEntry[] {
  return effects.filter((entry) => entry.type === type);
}

/** No effect succeeds in two attempts of its task: a further one keeps it. Locks are asked for again, and requests. */
function checkSuccesses(runId: string, effects: readonly EffectEntry[]): void {
  const seen = new Set<string>();
  for (const { at, type, name, request, occurrence, task, outcome } of effects) {
    const isAskedAgain =
      type === 'http' || name === 'lock' || name === 'unlock' || name === 'retry' || at.includes('!');
    if (isAskedAgain || outcome.kind !== 'value') continue;
    const what = JSON.stringify([at.replace(/#\d+$/, ''), type, name, request, occurrence, task ?? '']);
    expect(seen.has(what), `${runId} ${at} ${name} succeeds twice`).toBe(false);
    seen.add(what);
  }
}

/** Every attempt that was stopped has cleaned up, to the end. A subgraph's has nothing of its own: its inner ones have. */
function checkStops(runId: string, stops: readonly StopEntry[], effects: readonly EffectEntry[]): number {
  const stopped = [...new Set(stops.filter(({ node }) => node !== 'deeper').map(({ at }) => at))];
  for (const at of stopped)
    for (const [place, name] of ['unlock', 'stopped'].entries()) {
      const done = effects.filter((entry) => entry.at === `${at}!${place}` && entry.name === name);
      expect(done.length, `${runId} ${at}: ${name}`).toBeGreaterThan(0);
    }
  return stopped.length;
}

export interface ReadCounts {
  chunks: number;
  resets: number;
}

/** A reader has seen each chunk of each attempt once and in order, and the end of the run once. */
export async function checkReader(
  store: RunStore,
  run: DrivenRun,
  { folder, order }: ReaderProcess,
): Promise<ReadCounts> {
  const what = `${run.runId}, read in ${order} order`;
  const text = readFileSync(join(folder, `${run.runId}.jsonl`), 'utf8');
  const lines = text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
  const seen = new Map<string, unknown[]>();
  const counts = { chunks: 0, resets: 0 };
  for (const line of lines) {
    if (line.kind === 'reset') {
      counts.resets += 1;
      seen.set(line.key, (seen.get(line.key) ?? []).slice(0, line.from));
    }
    if (line.kind !== 'chunk') continue;
    counts.chunks += 1;
    const list = seen.get(line.key) ?? [];
    expect(line.ordinal, `${what}: ${line.key}`).toBe(list.length);
    list.push(line.chunk);
    seen.set(line.key, list);
  }
  const ends = lines.flatMap((line) => (line.kind === 'done' ? [line.status] : []));
  expect(ends, what).toEqual([run.status]);
  const entries = await collected(store.read(run.runId));
  const canonical = canonicalEntries(entries);
  const chunks = canonical.filter((entry): entry is ChunkEntry => entry.kind === 'chunk');
  for (const { at, deltas } of chunks) expect(seen.get(at), `${what}: ${at}`).toEqual(deltas);
  // What an attempt gave that does not count is taken back, too; and so is what was open when the run failed.
  const hasFailed = entries.some(
    (entry) => entry.kind === 'note' && (entry.what === resumedNote || entry.observed.decides !== undefined),
  );
  if (run.durability === 'effect' && run.status === 'done' && !hasFailed)
    expect(counts.resets, `${what}: resets`).toBe(0);
  return counts;
}
