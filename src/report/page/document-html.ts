// The frame of every page: a document that may reach nothing, and the ways in which text gets into it.
import { createHash } from 'node:crypto';

export interface Document {
  readonly title: string;
  readonly style: string;
  readonly body: string;
  /** The only one that may run. */
  readonly script?: string;
}

export function documentHtml({ title, style, body, script }: Document): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy(script)}">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${htmlText(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
${script === undefined ? '' : `<script>${script}</script>\n`}</body>
</html>
`;
}

/** Nothing but what is in the file: no address to fetch from, and a form only for the page's own folder. */
function policy(script: string | undefined): string {
  const scripts =
    script === undefined ? '' : ` script-src 'sha256-${createHash('sha256').update(script).digest('base64')}';`;
  return `default-src 'none';${scripts} style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'`;
}

export function htmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** For an attribute in double quotes. */
export function attribute(text: string): string {
  return htmlText(text).replaceAll('"', '&quot;');
}
