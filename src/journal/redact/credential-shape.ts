// What credentials look like, anywhere in a text. Each shape starts with a prefix that its issuer chose for this
// purpose, so ordinary text does not match. Lookaheads are bounded, so matching takes time linear in the text.
import type { CredentialKind } from './credential/credential-kind.ts';

/** Where one may begin: not inside of a word, unless that is the letter of an escape (`\\n`) or the digits of one (`%20`). */
const start = String.raw`(?:\b|(?<=\\[nrtbf])|(?<=\\u[\da-fA-F]{4})|(?<=%[\da-fA-F]{2}))`;

interface Shape {
  readonly kind: CredentialKind;
  readonly source: string;
  readonly of: string;
}

export const credentialShapes: readonly Shape[] = [
  {
    kind: 'private-key',
    source:
      '-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^"]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$|(?="))',
    of: 'PEM; to the end of the text if its own end is missing',
  },
  {
    kind: 'api-key',
    source: String.raw`${start}sk-(?:ant|proj|or|svcacct|lf)-[\w-]{6,}`,
    of: 'OpenAI, Anthropic, OpenRouter',
  },
  {
    kind: 'api-key',
    source: String.raw`${start}sk-(?=[\w-]{0,64}\d)[\w-]{16,}`,
    of: 'OpenAI and services that copied it; a digit is required, so hyphenated words do not match',
  },
  { kind: 'api-key', source: String.raw`${start}(?:[sr]k_(?:live|test)|whsec)_\w{10,}`, of: 'Stripe' },
  { kind: 'api-key', source: String.raw`${start}(?:AKIA|ASIA)[0-9A-Z]{16}\b`, of: 'AWS access key id' },
  { kind: 'token', source: String.raw`${start}gh[pousr]_[A-Za-z0-9]{20,}`, of: 'GitHub' },
  { kind: 'token', source: String.raw`${start}github_pat_\w{20,}`, of: 'GitHub, fine-grained' },
  { kind: 'token', source: String.raw`${start}glpat-[\w-]{16,}`, of: 'GitLab' },
  { kind: 'token', source: String.raw`${start}x(?:ox[a-z]|app)-[A-Za-z0-9-]{10,}`, of: 'Slack' },
  { kind: 'api-key', source: String.raw`${start}AIza[\w-]{30,}`, of: 'Google API key' },
  { kind: 'token', source: String.raw`${start}ya29\.[\w-]{16,}`, of: 'Google OAuth' },
  {
    kind: 'api-key',
    source: String.raw`${start}(?:hf|npm|gsk|r8)_(?=\w{0,64}\d)[A-Za-z0-9]{20,}`,
    of: 'Hugging Face, npm, Groq, Replicate',
  },
  {
    kind: 'api-key',
    source: String.raw`${start}(?:xai|pplx|tvly)-(?=[\w-]{0,64}\d)[\w-]{16,}`,
    of: 'xAI, Perplexity, Tavily',
  },
  { kind: 'api-key', source: String.raw`${start}lsv2_(?:pt|sk)_\w{16,}`, of: 'LangSmith' },
  { kind: 'api-key', source: String.raw`${start}SG\.[\w-]{16,}\.[\w-]{16,}`, of: 'SendGrid' },
  { kind: 'token', source: String.raw`${start}bot\d{6,12}:[\w-]{30,}`, of: 'Telegram, in the path of a request' },
  {
    kind: 'secret',
    source: String.raw`(?<=\/services\/T[A-Z\d]{6,16}\/B[A-Z\d]{6,16}\/)[A-Za-z\d]{16,64}`,
    of: 'Slack webhooks, in the path of a request',
  },
  {
    kind: 'secret',
    source: String.raw`(?<=\/api(?:\/v\d{1,2})?\/webhooks\/\d{16,20}\/)[\w-]{50,100}`,
    of: 'Discord webhooks',
  },
  {
    kind: 'secret',
    source: String.raw`(?<=\/IncomingWebhook\/)(?:[\da-f]{32}(?:\/[\da-f-]{36})?|redacted0\d+)`,
    of: 'Microsoft Teams webhooks',
  },
  {
    kind: 'secret',
    source: String.raw`(?<=\/hooks\.zapier\.com\/hooks\/catch\/|\/hooks\/catch\/)(?:\d{4,10}\/[a-z\d]{5,16}|redacted0\d+)`,
    of: 'Zapier webhooks',
  },
  {
    kind: 'jwt',
    source: String.raw`${start}eyJ[\w-]{8,1024}\.(?:[\w-]*\.[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}|[\w-]{8,}\.[\w-]*)`,
    of: 'JSON Web Token, encrypted or signed',
  },
];

const anyShape = new RegExp(credentialShapes.map(({ source }) => `(${source})`).join('|'), 'g');
const wholeShape = new RegExp(`^(?:${credentialShapes.map(({ source }) => `(${source})`).join('|')})$`);

/** Nothing is captured: nearly no text has any, and each is looked at. */
const someShape = new RegExp(credentialShapes.map(({ source }) => `(?:${source})`).join('|'));
/** What each shape begins with, which is looked for first: it takes a fraction of the time. */
const beginning =
  /sk-|[sr]k_[lt]|whsec_|A[KS]IA|gh[pousr]_|github_p|glpat-|xox|xapp-|AIza|ya29|hf_|npm_|gsk_|r8_|xai-|pplx-|tvly-|lsv2_|SG\.|bot\d|eyJ|-----BEGIN|\/services\/T|webhooks\/|IncomingW|hooks\/catch/;

/** No shape has fewer characters in a row of these, so only every so many places are looked at. */
const shapeLengthMin = 10;
const inShape = new Uint8Array(128);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:')
  inShape[character.charCodeAt(0)] = 1;

export function hasShape(text: string): boolean {
  for (let place = shapeLengthMin - 1; place < text.length; place += shapeLengthMin) {
    if (inShape[text.charCodeAt(place)] !== 1) continue;
    let start = place;
    while (inShape[text.charCodeAt(start - 1)] === 1) start -= 1;
    let end = place + 1;
    while (inShape[text.charCodeAt(end)] === 1) end += 1;
    if (end - start >= shapeLengthMin && beginning.test(text.slice(start, end))) return someShape.test(text);
    while (place + shapeLengthMin < end) place += shapeLengthMin;
  }
  return false;
}

/** The text with everything of a known shape replaced. */
export function replaceShapes(text: string, replace: (kind: CredentialKind, found: string) => string): string {
  return text.replace(anyShape, (found: string, ...groups: unknown[]) => replace(kindOf(groups), found));
}

/** The kind of a text that has a known shape as a whole. */
export function shapeKind(text: string): CredentialKind | undefined {
  const match = wholeShape.exec(text);
  return match === null ? undefined : kindOf(match.slice(1));
}

function kindOf(groups: readonly unknown[]): CredentialKind {
  return (credentialShapes[groups.findIndex((group) => typeof group === 'string')] as Shape).kind;
}
