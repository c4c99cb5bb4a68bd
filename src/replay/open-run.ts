// Opens a run for reading step by step, from a fixture or from a store.
import { RepriseError } from '../base/error.ts';
import { entryIdentity } from '../journal/entry-identity.ts';
import { StepGatherer } from '../journal/run/canonical.ts';
import type { CanonicalStep } from '../journal/run/canonical.ts';
import type { Entry, RunEntry } from '../journal/entry.ts';
import { redactEntries } from '../journal/redact/redact-entry.ts';
import { RedactionMarks } from '../journal/redact/redaction-marks.ts';
import { appliedRules, redactionRules } from '../journal/redact/rule/redaction-rules.ts';
import type { RedactOptions, RedactionRules } from '../journal/redact/rule/redaction-rules.ts';
import { inOwnTurns } from '../live/event-loop/turns.ts';
import type { RunStore, RunSummary } from '../port/store.ts';
import { openFixture } from '../store/fixture/open-fixture.ts';
import type { SharedLines } from '../store/fixture/block/shared-lines.ts';

/** Where `openRun` finds a run: in a fixture, or in a store by its ID. */
export type RunSource =
  | { readonly kind: 'fixture'; readonly path: string }
  /** Closing the run closes the store. */
  | {
      readonly kind: 'stored';
      readonly store: RunStore;
      readonly runId: string;
      /** Read it as a fixture would hold it: what to redact besides credentials. Without this, as it is. */
      readonly redact?: RedactOptions;
    };

/** A step as `openRun` reads it. */
export interface OpenedStep extends CanonicalStep {
  /**
   * What was done in the step in which a stored run failed or was cancelled and is not among `entries`, in canonical order:
   * a step that was stopped counts for nothing, and yet its effects have happened.
   */
  readonly uncounted?: readonly Entry[];
}

/** A run that `openRun` opened for reading. Close it when you are done, since it may hold a file or a store open. */
export interface OpenRun {
  readonly run: RunEntry;
  /** It was read from a fixture, or as one would hold it. */
  readonly isRedacted?: boolean;
  /** By which rules. */
  readonly redaction?: RedactionRules;
  /** Somebody has changed the fixture by hand, and sealed it. */
  readonly isEdited?: boolean;
  /** For a stored run: its summary at the time it was opened. */
  readonly summary?: RunSummary;
  /** The canonical entries, step by step. They can be read only once. */
  readonly steps: Iterable<OpenedStep> | AsyncIterable<OpenedStep>;
  close(): void;
}

/**
 * Opens a run for reading step by step, so that a long one is never in memory as a whole: for `compareRuns`, or for a
 * tool that shows runs. `shared`: with another run that is read alongside, step by step, only to be compared.
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`, `run-unknown`, and what the
 *   store throws
 */
export async function openRun(source: RunSource, shared?: SharedLines): Promise<OpenRun> {
  if (source.kind === 'fixture') {
    const fixture = await openFixture(source.path, inOwnTurns);
    const redaction = appliedRules(fixture.redaction);
    const steps = shared === undefined ? fixture.steps('all') : fixture.comparedSteps(shared);
    return {
      run: fixture.run,
      isRedacted: true,
      isEdited: fixture.isEdited,
      redaction,
      steps,
      close: () => fixture.close(),
    };
  }
  const { store, runId } = source;
  try {
    const run = await firstEntry(store, runId);
    const summary = await store.find(runId);
    return {
      run,
      ...(summary === undefined ? {} : { summary }),
      ...(await storedSteps(source)),
      close: () => void store.close(),
    };
  } catch (thrown) {
    await store.close();
    throw thrown;
  }
}

async function storedSteps({
  store,
  runId,
  redact,
}: Extract<RunSource, { readonly kind: 'stored' }>): Promise<Pick<OpenRun, 'steps' | 'isRedacted' | 'redaction'>> {
  if (redact === undefined) return { steps: stepsWithOpen(store.read(runId)) };
  const redaction = redactionRules(redact);
  const marks = new RedactionMarks(redaction);
  // Once to learn what is secret, and once to read: no more than that, though the run may have continued meanwhile.
  const learned = new Counted(store.read(runId));
  for await (const { entries, beside, uncounted = [] } of stepsWithOpen(learned)) {
    redactEntries(entries, marks);
    redactEntries(uncounted, marks);
    redactEntries(beside, marks);
  }
  const known = store.read(runId, 0, learned.count);
  return { steps: redactedSteps(stepsWithOpen(known), marks), isRedacted: true, redaction };
}

class Counted {
  count = 0;
  readonly #entries: AsyncIterable<Entry>;

  constructor(entries: AsyncIterable<Entry>) {
    this.#entries = entries;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Entry> {
    for await (const entry of this.#entries) {
      this.count += 1;
      yield entry;
    }
  }
}

async function* redactedSteps(steps: AsyncIterable<OpenedStep>, marks: RedactionMarks): AsyncGenerator<OpenedStep> {
  for await (const { step, entries, beside, uncounted } of steps)
    yield {
      step,
      entries: redactEntries(entries, marks),
      beside: redactEntries(beside, marks) as CanonicalStep['beside'],
      ...(uncounted === undefined ? {} : { uncounted: redactEntries(uncounted, marks) }),
    };
}

/** For a run in progress, the entries so far of the open step come last. */
async function* stepsWithOpen(entries: AsyncIterable<Entry>): AsyncGenerator<OpenedStep> {
  const gatherer = new StepGatherer();
  for await (const entry of entries) {
    const step = gatherer.add(entry);
    if (step !== undefined) yield step;
  }
  const stopped = gatherer.stopped();
  for (const step of gatherer.rest()) {
    const counted = new Set(step.entries.map(entryIdentity));
    const uncounted = stopped.filter((entry) => !counted.has(entryIdentity(entry)));
    yield uncounted.length === 0 ? step : { ...step, uncounted };
  }
  const open = gatherer.open();
  if (open !== undefined) yield open;
}

async function firstEntry(store: RunStore, runId: string): Promise<RunEntry> {
  for await (const entry of store.read(runId)) if (entry.kind === 'run') return entry;
  throw new RepriseError('run-unknown', `run "${runId}" has no first entry`, {
    nextStep: 'List the runs of the store with `npx reprise list`.',
  });
}
