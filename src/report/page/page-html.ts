// The page as one file, which opens from disk and reaches nothing: what it shows stands in it as data.
import type { PageModel } from './page-model.ts';

export interface PageParts {
  readonly script: string;
  readonly style: string;
}

/** Nothing but what is in the file, and no address to send anything to. */
const policy =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export function pageHtml(model: PageModel, { script, style }: PageParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="color-scheme" content="light dark">
<title>${escaped(model.title)}</title>
<style>${style}</style>
</head>
<body>
<div id="page"></div>
<script type="application/json" id="model">${asData(model)}</script>
<script>${script.replaceAll('</script', '<\\/script')}</script>
</body>
</html>
`;
}

/** JSON that no parser of HTML finds a tag or a comment in. */
function asData(model: PageModel): string {
  return JSON.stringify(model)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
