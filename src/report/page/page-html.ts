// The page as one file, which opens from disk and reaches nothing: what it shows stands in it as data.
import { documentHtml } from './document-html.ts';
import type { PageModel } from './page-model.ts';

/** The script and the style that `pageHtml` puts into a page, as text. */
export interface PageParts {
  readonly script: string;
  readonly style: string;
}

/**
 * A page for one run, or for two that are compared, as one HTML file. It opens from disk without a server and loads
 * nothing else.
 */
export function pageHtml(model: PageModel, { script, style }: PageParts): string {
  return documentHtml({
    title: model.title,
    style,
    script: script.replaceAll('</script', '<\\/script'),
    body: `<div id="page"></div>\n<script type="application/json" id="model">${asData(model)}</script>`,
  });
}

/** JSON that no parser of HTML finds a tag or a comment in. */
function asData(model: PageModel): string {
  return JSON.stringify(model)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}
