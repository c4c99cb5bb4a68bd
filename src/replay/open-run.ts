// Opens a run for reading step by step, from a fixture or from a store.
import { RepriseError } from '../base/error.ts';
import { StepGatherer } from '../journal/canonical.ts';
import type { CanonicalStep } from '../journal/canonical.ts';
import type { Entry, RunEntry } from '../journal/entry.ts';
import type { RunStore, RunSummary } from '../port/store.ts';
import { openFixture } from '../store/fixture/open-fixture.ts';

export type RunSource =
  | { readonly kind: 'fixture'; readonly path: string }
  /** Closing the run closes the store. */
  | { readonly kind: 'stored'; readonly store: RunStore; readonly runId: string };

export interface OpenRun {
  readonly run: RunEntry;
  /** It was read from a fixture. */
  readonly isRedacted?: boolean;
  /** For a stored run: its summary at the time it was opened. */
  readonly summary?: RunSummary;
  /** The canonical entries, step by step. They can be read only once. */
  readonly steps: Iterable<CanonicalStep> | AsyncIterable<CanonicalStep>;
  close(): void;
}

/**
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`, `run-unknown`, and what the
 *   store throws
 */
export async function openRun(source: RunSource): Promise<OpenRun> {
  if (source.kind === 'fixture') {
    const fixture = await openFixture(source.path);
    return { run: fixture.run, isRedacted: true, steps: fixture.steps(), close: () => fixture.close() };
  }
  const { store, runId } = source;
  try {
    const run = await firstEntry(store, runId);
    const summary = await store.find(runId);
    return {
      run,
      ...(summary === undefined ? {} : { summary }),
      steps: stepsWithOpen(store.read(runId)),
      close: () => void store.close(),
    };
  } catch (thrown) {
    await store.close();
    throw thrown;
  }
}

/** For a run in progress, the entries so far of the open step come last. */
async function* stepsWithOpen(entries: AsyncIterable<Entry>): AsyncGenerator<CanonicalStep> {
  const gatherer = new StepGatherer();
  for await (const entry of entries) {
    const step = gatherer.add(entry);
    if (step !== undefined) yield step;
  }
  yield* gatherer.rest();
  const open = gatherer.open();
  if (open !== undefined) yield open;
}

async function firstEntry(store: RunStore, runId: string): Promise<RunEntry> {
  for await (const entry of store.read(runId)) if (entry.kind === 'run') return entry;
  throw new RepriseError('run-unknown', `run "${runId}" has no first entry`, {
    nextStep: 'List the runs of the store with `npx reprise list`.',
  });
}
