// The two journals that the law compares, as plain data of the same form.
import { canonicalEntries } from '../../src/journal/run/canonical.ts';
import type { Entry } from '../../src/journal/entry.ts';
import { errorIdentity } from '../../src/journal/error/error-identity.ts';
import { RunFold } from '../../src/journal/fold/run-fold.ts';
import { memoryStore } from '../../src/store/memory/memory.ts';
import type { BreakpointOptions } from '../../src/engine/options/run-options.ts';
import type { RunHost } from '../../src/engine/host/run-host.ts';
import type { AnyRun } from '../../src/graph/types/run-types.ts';
import type { RunStore } from '../../src/port/store.ts';
import { collected } from '../support/journals.ts';
import { testEngine } from '../support/test-engine.ts';
import { Reference } from './reference/interpret.ts';
import type { PlainEntry } from './reference/interpret.ts';
import { answerOf, signalOf } from './reference/script.ts';
import type { GraphScript } from './reference/script.ts';
import { scriptedGraph } from './scripted-graph.ts';
import { ShuffledWorld } from './world.ts';

export const maxSteps = 60;

export interface JournalOptions {
  readonly maxConcurrent: number;
  /** The seed of the order of completion. */
  readonly schedule: string;
  readonly seed: string;
  readonly store?: RunStore;
  readonly pauses?: BreakpointOptions;
}

/** Gives a run all that it waits for, each time that it pauses: by key alone, so that it is the same in every order. */
export async function toItsEnd(engine: RunHost, store: RunStore, begun: AnyRun): Promise<AnyRun> {
  let run = begun;
  while (run.status === 'paused') {
    const entries = await collected(store.read(run.id));
    for (const name of run.signals ?? []) {
      const taken = entries.filter(
        (entry) => entry.kind === 'effect' && entry.type === 'receive' && entry.name === name,
      );
      await engine.send(run.id, name, signalOf(name, taken.length));
    }
    const answers = Object.fromEntries(run.questions.map(({ key, question }) => [key, answerOf(question)]));
    run = await engine.resume(run.id, { answers });
  }
  return run;
}

/** Runs a script on the engine under one schedule, and returns the entries as its store holds them. */
export async function journalOf(script: GraphScript, options: JournalOptions): Promise<readonly Entry[]> {
  const world = new ShuffledWorld(options.schedule);
  const store = options.store ?? memoryStore();
  const engine = testEngine(
    scriptedGraph(script),
    { store, clock: world, oracle: world, seed: options.seed },
    { maxConcurrent: options.maxConcurrent, maxSteps, graceMs: 2_000 },
  );
  const { pauses } = options;
  await toItsEnd(engine, store, await engine.run({}, { runId: 'run', seed: options.seed, ...pauses }));
  const entries = await collected(store.read('run'));
  await engine.close();
  return entries;
}

export function referenceOf(script: GraphScript, seed: string): readonly PlainEntry[] {
  return mendedReference(script, undefined, seed) as readonly PlainEntry[];
}

/** Of a run that is resumed with another graph once it is stuck; undefined if it cannot be. */
export function mendedReference(
  script: GraphScript,
  mend: GraphScript | undefined,
  seed: string,
): readonly PlainEntry[] | undefined {
  return new Reference(seed, maxSteps).run(script, mend)?.map(plainErrors) as readonly PlainEntry[] | undefined;
}

/** Canonical entries in the form of the reference: states instead of patches, and only the compared parts of errors. */
export function plainEntries(entries: readonly Entry[]): readonly PlainEntry[] {
  const fold = new RunFold();
  const plain: PlainEntry[] = [];
  for (const entry of canonicalEntries(entries)) {
    fold.add(entry);
    if (entry.kind === 'run') continue;
    const { observed: _observed, ...canonical } = entry as Entry & { readonly patch?: unknown };
    if (canonical.kind === 'commit') {
      const { patch: _patch, ...commit } = canonical;
      plain.push(plainErrors({ ...commit, ...(entry.at.includes('/') ? {} : { state: fold.state }) }) as PlainEntry);
    } else plain.push(plainErrors(canonical) as PlainEntry);
  }
  return plain;
}

/** The compared parts of an error. If it is a node's input, that excludes its text, which is Reprise's own. */
function plainErrors(value: unknown): unknown {
  if (value instanceof Error) return errorIdentity(value as never);
  if (Array.isArray(value)) return value.map(plainErrors);
  if (typeof value !== 'object' || value === null) return value;
  const record = value as Record<string, unknown>;
  if (record.name === 'RepriseError' && 'code' in record)
    return { name: record.name, code: record.code, fields: record.fields };
  const isFailureInput = 'attempts' in record && 'code' in record && 'node' in record;
  return Object.fromEntries(
    Object.entries(record)
      .filter(([key]) => !(isFailureInput && key === 'message'))
      .map(([key, item]) => [key, plainErrors(item)]),
  );
}
