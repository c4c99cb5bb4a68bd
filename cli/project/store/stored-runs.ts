// The runs of a store that a command is about.
import { labelsOf } from '../../../src/index.ts';
import type { RunQuery, RunStatus, RunStore, RunSummary } from '../../../src/index.ts';

export const runStatuses: readonly RunStatus[] = [
  'queued',
  'running',
  'paused',
  'done',
  'failed',
  'cancelled',
  'interrupted',
];

export interface RunFilter {
  readonly graph?: string | undefined;
  readonly status?: RunStatus | undefined;
  readonly tenant?: string | undefined;
  readonly label?: Readonly<Record<string, string>> | undefined;
  /** The runs that began before this one. */
  readonly after?: string | undefined;
  /** Their last entry was written at this time or later, in milliseconds since 1970. */
  readonly since?: number | undefined;
}

const pageLength = 100;

/** Newest first, read page by page. */
export async function* storedRuns(store: RunStore, filter: RunFilter): AsyncGenerator<RunSummary> {
  const { graph, status, tenant, label = {}, since = 0 } = filter;
  for (let after = filter.after; ; ) {
    const page = await store.list(withoutAbsent({ limit: pageLength, graph, status, tenant, after }));
    for (const run of page) if (run.updatedAt >= since && (await hasLabels(store, run, label))) yield run;
    if (page.length < pageLength) return;
    after = page.at(-1)?.runId;
  }
}

function withoutAbsent(query: { readonly [Name in keyof RunQuery]: RunQuery[Name] | undefined }): RunQuery {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

async function hasLabels(
  store: RunStore,
  { runId, isDamaged }: RunSummary,
  wanted: Readonly<Record<string, string>>,
): Promise<boolean> {
  const labels = Object.entries(wanted);
  if (labels.length === 0) return true;
  if (isDamaged === true) return false;
  const has = await labelsOf(store, runId);
  return labels.every(([name, text]) => Object.hasOwn(has, name) && has[name] === text);
}
