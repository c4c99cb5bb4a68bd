// How many of the tasks of a wide step are handled between two places at which the rest of the process may have its turn.
// Counted, since a time would depend on the machine.
import { expect, it } from 'vitest';
import { canonicalValue } from '../../src/base/value.ts';
import type { Value } from '../../src/base/value.ts';
import { pairInPieces } from '../../src/diff/compare/pair-tasks.ts';
import { RunComparer } from '../../src/diff/compare/run-comparer.ts';
import { append, createEngine, fields, graph, input, memoryStore } from '../../src/index.ts';
import { decodeEntry, encodeEntry, encodeInPieces } from '../../src/journal/codec/entry-codec.ts';
import { splitInPieces } from '../../src/journal/codec/parts.ts';
import type { CommitEntry, Entry, TaskSpec } from '../../src/journal/entry.ts';
import { RunFold } from '../../src/journal/fold/run-fold.ts';
import { learnEntries, redactEntry, redactInPieces } from '../../src/journal/redact/redact-entry.ts';
import { RedactionMarks } from '../../src/journal/redact/redaction-marks.ts';
import { redactionRules } from '../../src/journal/redact/rule/redaction-rules.ts';
import { encodeCheckpoint, encodeCheckpointInPieces } from '../../src/journal/run/checkpoint.ts';
import { StepIndex } from '../../src/journal/step/step-index.ts';
import { plainCodec } from '../../src/store/row/codec.ts';
import { KnownParts } from '../../src/store/row/known-parts.ts';
import { StoredBatch } from '../../src/store/row/stored-batch.ts';

const width = 5_000;
/** Well under a millisecond's work, wherever it is counted. */
const tasksMax = 300;

const inner = graph('inner', { state: fields({ found: append<number>() }), inputs: {} })
  .node('look', async () => ({ delta: { found: [1] } }))
  .start('look')
  .build();

const wide = graph('wide', { state: fields({ found: append<number>() }), inputs: { look: input<number>() } })
  .node('split', (_state, { send }) => ({ route: Array.from({ length: width }, (_unused, n) => send('look', n)) }))
  .subgraph('look', inner, { input: () => ({}), output: ({ found }) => ({ found }) })
  .start('split')
  .build();

/** Those of the step that plans the tasks, and those of the step in which they run. */
async function entriesOfRun(): Promise<{ readonly planning: readonly Entry[]; readonly running: readonly Entry[] }> {
  const store = memoryStore();
  await using engine = createEngine(wide, { store });
  await engine.run({}, { runId: 'run' }).orThrow();
  const planning: Entry[] = [];
  const running: Entry[] = [];
  for await (const entry of store.read('run')) {
    if (entry.at.startsWith('2')) running.push(entry);
    else planning.push(entry);
  }
  return { planning, running };
}

const { planning, running } = await entriesOfRun();
const commit = planning.find((entry) => entry.kind === 'commit' && entry.at === '1') as CommitEntry;
const outcome = planning.find((entry) => entry.kind === 'outcome') as Entry;

/** The most tasks that are read for the first time within one piece of the work. */
function mostAPiece<Result>(work: (watched: (given: Entry) => Entry) => Generator<unknown, Result>): {
  readonly most: number;
  readonly result: Result;
} {
  let read = 0;
  let most = 0;
  const watchedItem = (item: TaskSpec): TaskSpec => {
    let isRead = false;
    return {
      ...item,
      get node() {
        if (!isRead) read += 1;
        isRead = true;
        return item.node;
      },
    };
  };
  const watched = (given: Entry): Entry => {
    if (given.kind === 'commit') return { ...given, frontier: given.frontier.map(watchedItem) };
    if (given.kind !== 'outcome' || given.result.status !== 'done') return given;
    const routes = given.result.routes?.map((route) => watchedItem(route as TaskSpec));
    return { ...given, result: { ...given.result, routes } } as unknown as Entry;
  };
  const pieces = work(watched);
  for (;;) {
    read = 0;
    const piece = pieces.next();
    most = Math.max(most, read);
    if (piece.done === true) return { most, result: piece.value };
  }
}

/** How many pieces the work has. */
function pieceCount(work: Generator<unknown, unknown>): number {
  let count = 1;
  while (work.next().done !== true) count += 1;
  return count;
}

const marks = (): RedactionMarks => new RedactionMarks(redactionRules({}));

it.each([
  ['the commit that plans it', commit],
  ['the outcome that sends to it', outcome],
] as const)('are few while %s is encoded', (_what, entry) => {
  const { most, result } = mostAPiece((watched) => encodeInPieces(watched(entry)));
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(tasksMax);
  expect(JSON.stringify(result)).toBe(JSON.stringify(encodeEntry(entry)));
  expect(decodeEntry(result)).toEqual(entry);
});

it('are few while a checkpoint is encoded', () => {
  const run = planning[0] as Entry & { readonly kind: 'run' };
  const { frontier } = commit;
  const checkpoint = { run, step: 1, state: { found: [] }, frontier, stepCount: 1 };
  const { most, result } = mostAPiece((watched) =>
    encodeCheckpointInPieces({ ...checkpoint, frontier: (watched(commit) as CommitEntry).frontier }),
  );
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(tasksMax);
  expect(JSON.stringify(result)).toBe(JSON.stringify(encodeCheckpoint(checkpoint)));
});

it('are few while its parts are found', () => {
  expect(pieceCount(splitInPieces(encodeEntry(commit), () => undefined))).toBeGreaterThan(width / tasksMax);
});

it.each([
  ['the commit that plans it', commit],
  ['the outcome that sends to it', outcome],
] as const)('are few while %s is redacted', (_what, entry) => {
  const learned = pieceCount(learnEntries([entry], marks()));
  expect(learned).toBeGreaterThan(width / tasksMax);
  const redacted = redactInPieces([entry], marks());
  expect(pieceCount(redacted)).toBeGreaterThan(width / tasksMax);
  const { result } = mostAPiece(() => redactInPieces([entry], marks()));
  expect(result).toEqual([entry]);
});

it('hold the same marks where they are redacted in pieces', () => {
  const secret = (n: number): Value => canonicalValue({ password: `correct-horse-${n}` }, 'a secret');
  const sends = Array.from(
    { length: 400 },
    (_unused, n) => ({ kind: 'send', node: 'look', input: secret(n) }) as const,
  );
  const entries = [
    { ...outcome, result: { status: 'done', delta: { found: secret(7_000) }, routes: sends } },
    {
      ...commit,
      input: secret(8_000),
      frontier: sends.map(({ node }, n) => ({ node, input: secret(9_000 + n) })),
      patch: { kind: 'set', value: secret(10_000) },
    },
  ] as unknown as readonly Entry[];
  const atOnce = marks();
  const inPieces = marks();
  const expected = entries.map((entry) => redactEntry(entry, atOnce));
  const { result } = mostAPiece(() => redactInPieces(entries, inPieces));
  expect(result).toEqual(expected);
  expect(JSON.stringify(result)).not.toContain('correct-horse');
});

it('are few while they are paired', () => {
  const { most, result } = mostAPiece((watched) =>
    pairInPieces((watched(commit) as CommitEntry).frontier, commit.frontier),
  );
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(tasksMax);
  expect(result).toHaveLength(width);
});

it('are few while it is compared', () => {
  const comparer = new RunComparer({ mode: 'effects' });
  const steps = [planning.filter(({ at }) => !at.startsWith('1')), planning.filter(({ at }) => at.startsWith('1'))];
  for (const step of steps) comparer.add(step, step);
  // Both indexes, the tasks, the writes of both sides.
  expect(pieceCount(comparer.addInPieces(running, running))).toBeGreaterThan((5 * width) / tasksMax);
  expect(comparer.divergences).toEqual([]);
});

it('are few while it is indexed and folded', () => {
  expect(pieceCount(StepIndex.inPieces(running))).toBeGreaterThan(running.length / tasksMax);
  const fold = new RunFold();
  for (const entry of [...planning.filter(({ kind }) => kind !== 'end'), ...running]) fold.add(entry);
  expect(fold.state).toEqual({ found: Array.from({ length: width }, () => 1) });
});

it('are few in a slice of an append', () => {
  const batch = new StoredBatch({ runId: 'run', entries: running, known: new KnownParts() });
  let most = 0;
  for (let made = 0; !batch.isComplete; made = batch.rows.length) {
    batch.slice(plainCodec);
    most = Math.max(most, batch.rows.length - made);
  }
  expect(most).toBeLessThanOrEqual(1_000);
  expect(batch.rows).toHaveLength(running.length);
});
