// What credentials look like, anywhere in a text. Each shape starts with a prefix that its issuer chose for this
// purpose, so ordinary text does not match. Lookaheads are bounded, so matching takes time linear in the text.
import type { CredentialKind } from './credential-name.ts';

interface Shape {
  readonly kind: CredentialKind;
  readonly source: string;
  readonly of: string;
}

export const credentialShapes: readonly Shape[] = [
  {
    kind: 'private-key',
    source: '-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[^"]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$|(?="))',
    of: 'PEM; to the end of the text if its own end is missing',
  },
  {
    kind: 'api-key',
    source: String.raw`\bsk-(?:ant|proj|or|svcacct|lf)-[\w-]{6,}`,
    of: 'OpenAI, Anthropic, OpenRouter',
  },
  {
    kind: 'api-key',
    source: String.raw`\bsk-(?=[\w-]{0,64}\d)[\w-]{16,}`,
    of: 'OpenAI and services that copied it; a digit is required, so hyphenated words do not match',
  },
  { kind: 'api-key', source: String.raw`\b(?:[sr]k_(?:live|test)|whsec)_\w{10,}`, of: 'Stripe' },
  { kind: 'api-key', source: String.raw`\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`, of: 'AWS access key id' },
  { kind: 'token', source: String.raw`\bgh[pousr]_[A-Za-z0-9]{20,}`, of: 'GitHub' },
  { kind: 'token', source: String.raw`\bgithub_pat_\w{20,}`, of: 'GitHub, fine-grained' },
  { kind: 'token', source: String.raw`\bglpat-[\w-]{16,}`, of: 'GitLab' },
  { kind: 'token', source: String.raw`\bx(?:ox[a-z]|app)-[A-Za-z0-9-]{10,}`, of: 'Slack' },
  { kind: 'api-key', source: String.raw`\bAIza[\w-]{30,}`, of: 'Google API key' },
  { kind: 'token', source: String.raw`\bya29\.[\w-]{16,}`, of: 'Google OAuth' },
  {
    kind: 'api-key',
    source: String.raw`\b(?:hf|npm|gsk|r8)_(?=\w{0,64}\d)[A-Za-z0-9]{20,}`,
    of: 'Hugging Face, npm, Groq, Replicate',
  },
  {
    kind: 'api-key',
    source: String.raw`\b(?:xai|pplx|tvly)-(?=[\w-]{0,64}\d)[\w-]{16,}`,
    of: 'xAI, Perplexity, Tavily',
  },
  { kind: 'api-key', source: String.raw`\blsv2_(?:pt|sk)_\w{16,}`, of: 'LangSmith' },
  { kind: 'api-key', source: String.raw`\bSG\.[\w-]{16,}\.[\w-]{16,}`, of: 'SendGrid' },
  { kind: 'token', source: String.raw`\bbot\d{6,12}:[\w-]{30,}`, of: 'Telegram, in the path of a request' },
  { kind: 'jwt', source: String.raw`\beyJ[\w-]{8,1024}\.[\w-]{8,}\.[\w-]*`, of: 'JSON Web Token' },
];

const anyShape = new RegExp(credentialShapes.map(({ source }) => `(${source})`).join('|'), 'g');
const wholeShape = new RegExp(`^(?:${credentialShapes.map(({ source }) => `(${source})`).join('|')})$`);

/** Nothing is captured: nearly no text has any, and each is looked at. */
const someShape = new RegExp(credentialShapes.map(({ source }) => `(?:${source})`).join('|'));

export function hasShape(text: string): boolean {
  return someShape.test(text);
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
