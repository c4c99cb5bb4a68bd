// The credentials that a request carries. Some servers send them back: in an error, or in what they say about a session.
import type { CredentialKind } from '../redact/credential/credential-kind.ts';
import { credentialKind, isSure } from '../redact/credential-name.ts';
import type { NamePlace } from '../redact/credential-name.ts';
import type { HttpRequestParts } from './http-request.ts';

export interface SentCredential {
  readonly kind: CredentialKind;
  readonly secret: string;
}

/** Shorter ones stand in other words too. */
const secretLengthMin = 8;
const none: readonly SentCredential[] = Object.freeze([]);

/** Those of its headers, its query and a form. */
export function credentialsOf({ url, headers, body }: HttpRequestParts): readonly SentCredential[] {
  let found: SentCredential[] | undefined;
  const add = (name: string, value: string, place: NamePlace): void => {
    const kind = isSure(name, place) ? credentialKind(name, value, place) : undefined;
    if (kind === undefined) return;
    found ??= [];
    for (const secret of secretsIn(value)) if (secret.length >= secretLengthMin) found.push({ kind, secret });
  };
  let isForm = false;
  for (const [name, value] of headers) {
    add(name, value, 'field');
    isForm ||= value.startsWith('application/x-www-form-urlencoded');
  }
  const text = typeof url === 'string' ? url : url.href;
  const query = text.indexOf('?');
  if (query >= 0) for (const [name, value] of new URLSearchParams(text.slice(query))) add(name, value, 'query');
  if (isForm && body !== undefined)
    for (const [name, value] of new URLSearchParams(Buffer.from(body as string).toString())) add(name, value, 'form');
  return found ?? none;
}

const scheme = /^(Bearer|Basic|Token) +(.+)$/i;

function secretsIn(value: string): readonly string[] {
  const [, way = '', given = value] = scheme.exec(value) ?? [];
  if (way.toLowerCase() !== 'basic') return [given];
  const pair = Buffer.from(given, 'base64').toString();
  return [given, pair.slice(pair.indexOf(':') + 1)];
}
