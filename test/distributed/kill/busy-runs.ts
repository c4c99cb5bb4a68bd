// Runs that are begun, answered, paid and cancelled while workers die, and what must be true of them in the end.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { Engine } from '../../../src/index.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { branchCount, effectCount, wordCount } from './busy-worker.ts';

/** What is asked of an engine here. */
export type BusyEngine = Pick<Engine<unknown, unknown>, 'read'>;

export const allWords = Array.from({ length: wordCount }, (_unused, word) => `${word} `).join('');

/** A call that is made until it succeeds, whatever happens to the server meanwhile. */
export async function insist<Result>(call: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await call();
    } catch (thrown) {
      if (tries > 40 || (thrown as { readonly code?: string }).code !== 'store-unreachable') throw thrown;
      await pause(250);
    }
  }
}

/** Reads a run to its end, across lost connections, and returns the words that it saw. */
export async function wordsOf(engine: BusyEngine, runId: string): Promise<string> {
  let cursor: string | undefined;
  let seen = '';
  for (;;) {
    try {
      for await (const item of engine.read(runId, cursor === undefined ? {} : { from: cursor })) {
        if ('cursor' in item) cursor = String(item.cursor);
        if (item.kind === 'reset') seen = '';
        if (item.kind === 'chunk') seen += (item.chunk as { readonly words: string }).words;
        if (item.kind === 'done' && isOver(item.run.status)) return seen;
      }
    } catch (thrown) {
      if ((thrown as { readonly code?: string }).code !== 'store-unreachable') throw thrown;
    }
    await pause(100);
  }
}

function isOver(status: string): boolean {
  return status === 'done' || status === 'cancelled' || status === 'failed';
}

/** It is whole: each thing is there once, in order, and the run ends once. */
export function checkJournal(runId: string, entries: readonly Entry[], isCancelled: boolean): void {
  const of = (kind: Entry['kind']): readonly string[] =>
    entries.filter((entry) => entry.kind === kind).map(({ at }) => at);
  const once = (kind: Entry['kind']): number => {
    const keys = of(kind);
    assert.equal(new Set(keys).size, keys.length, `${runId}: ${kind} twice in ${keys.join(', ')}`);
    return keys.length;
  };
  assert.deepEqual([of('run').length, of('end').length, entries.at(-1)?.kind], [1, 1, 'end'], runId);
  const commits = once('commit');
  assert.deepEqual(
    of('commit'),
    Array.from({ length: commits }, (_unused, step) => String(step)),
    runId,
  );
  if (isCancelled) return;
  const counts = { commits, outcomes: once('outcome'), effects: performed(entries).length, words: chunks(entries) };
  assert.deepEqual(counts, { commits: 6, outcomes: 4 + 2 * branchCount, effects: effectCount, words: allWords }, runId);
}

function performed(entries: readonly Entry[]): readonly string[] {
  const effects = entries.flatMap((entry) =>
    entry.kind === 'effect' && 'name' in entry && ['say', 'look', 'fetch'].includes(entry.name)
      ? [JSON.stringify([entry.at, entry.name, 'request' in entry ? entry.request : null])]
      : [],
  );
  assert.equal(new Set(effects).size, effects.length, effects.join(', '));
  return effects;
}

function chunks(entries: readonly Entry[]): string {
  return entries
    .flatMap((entry) => (entry.kind === 'chunk' ? entry.deltas : []))
    .map((delta) => (delta as { readonly words: string }).words)
    .join('');
}
