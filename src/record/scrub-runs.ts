// Copies the runs of a store into another without what the rules find in them. A store has no way to change a journal, and a
// file keeps what was deleted in it until it is rewritten, so a new one is written.
import { RepriseError } from '../base/error.ts';
import type { Value } from '../base/value.ts';
import type { Entry, NoteEntry, RunEntry } from '../journal/entry.ts';
import { entryIdentity } from '../journal/entry-identity.ts';
import { withFittingRepeats } from '../journal/redact/find/repeated-credentials.ts';
import { redactEntry, redactObserved } from '../journal/redact/redact-entry.ts';
import { redactValue } from '../journal/redact/redact.ts';
import { NamedMarks } from '../journal/redact/redaction-marks.ts';
import type { RedactionRules } from '../journal/redact/rule/redaction-rules.ts';
import type { RunStore, RunSummary } from '../port/store.ts';
import { allRuns } from './all-runs.ts';

const endedStatuses: readonly RunSummary['status'][] = ['done', 'failed', 'cancelled'];
const appendedMax = 1_000;

/** What was found in the runs that were copied. */
export interface ScrubbedRuns {
  readonly runCount: number;
  /** The paths at which something stood. */
  readonly paths: readonly string[];
  /** The texts that were found. */
  readonly texts: readonly string[];
}

/**
 * Copies every run, oldest first.
 *
 * @throws RepriseError `run-owned` if a run has not ended: what it waits for could not be copied with it
 */
export async function scrubRuns(from: RunStore, to: RunStore, rules: RedactionRules): Promise<ScrubbedRuns> {
  const runs = await allRuns(from);
  const open = runs.find(({ status }) => !endedStatuses.includes(status));
  if (open !== undefined) {
    throw new RepriseError(
      'run-owned',
      `run "${open.runId}" has not ended, and cannot be rewritten while it continues`,
      {
        nextStep: 'Let it end, cancel it, or delete it. Then scrub the store.',
        fields: { runId: open.runId, status: open.status },
      },
    );
  }
  const paths = new Set<string>();
  const texts = new Set<string>();
  for (const { runId } of runs.toReversed()) {
    const marks = new NamedMarks(rules);
    marks.watchTexts((text) => texts.add(text));
    await copyRun(from, to, runId, marks);
    for (const path of marks.reachedPaths) paths.add(path);
  }
  return { runCount: runs.length, paths: [...paths], texts: [...texts] };
}

async function copyRun(from: RunStore, to: RunStore, runId: string, marks: NamedMarks): Promise<void> {
  for await (const entry of from.read(runId)) scrubbed(entry, marks);
  const identities = new Map<string, string>();
  let lease: Awaited<ReturnType<RunStore['create']>> | undefined;
  let batch: Entry[] = [];
  const append = async (): Promise<void> => {
    if (batch.length === 0) return;
    // A run that had failed was resumed after its end.
    lease ??= await to.take(runId);
    await to.append(lease, batch);
    if (batch.at(-1)?.kind === 'end') lease = undefined;
    batch = [];
  };
  for await (const entry of from.read(runId)) {
    const redacted = withIdentities(scrubbed(entry, marks), identities);
    if (entry.kind !== 'run' && redacted !== entry) identities.set(entryIdentity(entry), entryIdentity(redacted));
    if (redacted.kind === 'run') {
      lease = await to.create(redacted as RunEntry);
      continue;
    }
    batch.push(redacted);
    if (redacted.kind === 'end' || batch.length >= appendedMax) await append();
  }
  await append();
  for (const label of await from.labels(runId)) await to.label(runId, label);
}

/** An entry without what the rules name. Credentials stay. */
export function scrubbed(entry: Entry, marks: NamedMarks): Entry {
  const redacted = redactEntry(entry, marks);
  if (redacted.kind === 'effect' || redacted.kind === 'pooled') return redactObserved(redacted, marks, entry);
  const observed = redactValue(redacted.observed as unknown as Value, marks);
  return withFittingRepeats({ ...redacted, observed } as Entry, entry);
}

/** Notes name entries by what they hold. */
function withIdentities(entry: Entry, identities: ReadonlyMap<string, string>): Entry {
  if (entry.kind !== 'note') return entry;
  const { voids } = entry;
  const begin = entry.observed.decides?.begin;
  const known = identities.get(voids ?? begin ?? '');
  if (known === undefined) return entry;
  if (voids !== undefined) return { ...entry, voids: known };
  return {
    ...entry,
    observed: { ...entry.observed, decides: { ...entry.observed.decides, begin: known } },
  } as NoteEntry;
}
