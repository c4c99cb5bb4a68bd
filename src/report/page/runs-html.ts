// The list of runs as a page, and what stands in the place of a page that cannot be shown. Neither has a script.
import { oneLine } from '../text/plain-text.ts';
import { attribute, documentHtml, htmlText } from './document-html.ts';

/** One page of the list that `runsHtml` shows, and what was searched for. */
export interface RunsPage {
  readonly title: string;
  readonly rows: readonly RunsRow[];
  readonly search: string;
  /** '' for all. */
  readonly status: string;
  readonly statuses: readonly string[];
  /** Where the next rows are; absent if these are the last. */
  readonly next?: string | undefined;
  /** What the list leaves out. */
  readonly note?: string | undefined;
}

/** A run in the list that `runsHtml` shows. `href` leads to its own page. */
export interface RunsRow {
  readonly name: string;
  readonly href: string;
  readonly graph: string;
  readonly status: string;
  readonly steps: string;
  readonly began: string;
}

/**
 * The list of runs as an HTML page with a form to search it, for a server that answers a request. It has no script;
 * `style` is CSS text.
 */
export function runsHtml(page: RunsPage, style: string): string {
  const { title, rows, search, status, statuses, next, note } = page;
  const choices = ['', ...statuses].map((choice) => {
    const selected = choice === status ? ' selected' : '';
    return `<option value="${attribute(choice)}"${selected}>${choice === '' ? 'any status' : htmlText(choice)}</option>`;
  });
  const table =
    rows.length === 0
      ? '<p class="facts">No run is like that.</p>'
      : `<div class="wide" tabindex="0" role="region" aria-label="Runs"><table>
<thead><tr><th scope="col">run</th><th scope="col">graph</th><th scope="col">status</th><th scope="col">steps</th><th scope="col">began</th></tr></thead>
<tbody>
${rows.map(rowHtml).join('\n')}
</tbody>
</table></div>`;
  return documentHtml({
    title,
    style,
    body: `<header><h1>${htmlText(title)}</h1></header>
<main class="runs">
<form class="tools" method="get" action="./">
<input type="search" name="search" aria-label="Search" placeholder="Search runs and graphs" value="${attribute(search)}">
<select name="status" aria-label="Status">${choices.join('')}</select>
<button type="submit">Search</button>
</form>
${table}
${note === undefined ? '' : `<p class="facts">${htmlText(note)}</p>`}
${next === undefined ? '' : `<p><a href="${attribute(next)}">more runs</a></p>`}
</main>`,
  });
}

function rowHtml({ name, href, graph, status, steps, began }: RunsRow): string {
  const cells = [graph, status, steps, began].map((cell) => `<td>${htmlText(oneLine(cell))}</td>`);
  cells[1] = `<td><span class="verdict ${attribute(status)}">${htmlText(oneLine(status))}</span></td>`;
  return `<tr><th scope="row"><a href="${attribute(href)}">${htmlText(oneLine(name))}</a></th>${cells.join('')}</tr>`;
}

/** `text`: what is wrong and what to do. `list`: where the runs are. */
export function faultHtml(title: string, text: string, list: string, style: string): string {
  return documentHtml({
    title,
    style,
    body: `<header><h1>${htmlText(title)}</h1></header>
<main class="runs">
<pre>${htmlText(text)}</pre>
<p><a href="${attribute(list)}">all runs</a></p>
</main>`,
  });
}
