// Which page answers which path: the list of the runs, and one page for each of them.
import { RepriseError, explainError } from '../../src/index.ts';
import { faultHtml, pageHtml, runsHtml, timeText } from '../../src/report/index.ts';
import type { PageParts } from '../../src/report/index.ts';
import { pageRunOf } from '../project/fixture/page.ts';
import type { Admitted } from './admission.ts';
import type { Pages } from './server.ts';
import type { ServedQuery, ServedRuns } from './served-runs.ts';

/** `tell`: takes what is wrong with Reprise itself. */
export function pagesOf(runs: ServedRuns, parts: PageParts, tell: (text: string) => void): Pages {
  return {
    async page({ path: [kind, name, ...rest], query }: Admitted): Promise<string | undefined> {
      const isList = kind === '' && name === undefined;
      const isRun = kind === 'run' && name !== undefined && rest.length === 0;
      if (!isList && !isRun) return undefined;
      try {
        return isList ? await listPage(runs, query, parts.style) : await runPage(runs, name ?? '', parts);
      } catch (thrown) {
        const isKnown = thrown instanceof RepriseError;
        if (!isKnown) tell(`internal error, please report it\n${(thrown as Error).stack ?? String(thrown)}\n`);
        const text = isKnown ? explainError(thrown) : 'Reprise has failed. The terminal says more.';
        return faultHtml(isRun ? (name ?? '') : runs.title, text, isRun ? '../' : './', parts.style);
      }
    },
  };
}

async function listPage(runs: ServedRuns, query: URLSearchParams, style: string): Promise<string> {
  const asked: ServedQuery = {
    search: (query.get('search') ?? '').trim().toLowerCase(),
    status: query.get('status') ?? '',
    after: query.get('after') ?? undefined,
  };
  const { runs: found, hasMore, stoppedAt } = await runs.list(asked);
  const last = stoppedAt ?? found.at(-1)?.name;
  const more = new URLSearchParams({ search: asked.search, status: asked.status, after: last ?? '' });
  return runsHtml(
    {
      title: runs.title,
      statuses: runs.statuses,
      search: asked.search,
      status: asked.status,
      rows: found.map(({ name, graph, status, steps, began }) => ({
        name,
        href: `run/${encodeURIComponent(name)}`,
        graph,
        status,
        steps: steps === undefined ? '' : String(steps),
        began: began === undefined ? '' : timeText(began),
      })),
      next: hasMore ? `./?${more}` : undefined,
      note: stoppedAt === undefined ? undefined : 'Not all runs were looked at: “more runs” continues.',
    },
    style,
  );
}

/** As far as the run is now. */
async function runPage(runs: ServedRuns, name: string, parts: PageParts): Promise<string | undefined> {
  const found = await runs.open(name);
  if (found === undefined) return undefined;
  const { opened, waitsFor } = found;
  try {
    const run = await pageRunOf(opened, name, { waitsFor });
    return pageHtml({ version: 1, title: name, runs: [run], list: '../' }, parts);
  } finally {
    opened.close();
  }
}
