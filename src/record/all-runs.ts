import type { RunStore, RunSummary } from '../port/store.ts';

/** Every run of a store, the newest first. */
export async function allRuns(store: RunStore): Promise<readonly RunSummary[]> {
  const runs: RunSummary[] = [];
  for (;;) {
    const after = runs.at(-1)?.runId;
    const page = await store.list(after === undefined ? {} : { after });
    if (page.length === 0) return runs;
    runs.push(...page);
  }
}
