// The credentials that a request carries. Some servers send them back: in an error, or in what they say about a session.
import type { CredentialKind } from '../redact/credential/credential-kind.ts';
import { meets } from '../redact/credential/value-look.ts';
import { credentialKind, isSure } from '../redact/credential-name.ts';
import type { NamePlace } from '../redact/credential-name.ts';
import { nameHint } from '../redact/find/assignment.ts';
import { redactCookie, redactPair64 } from '../redact/find/credential-parts.ts';
import { repeatedLengthMin } from '../redact/find/repeated-credentials.ts';
import type { HttpRequestParts } from './http-request.ts';

export interface SentCredential {
  readonly kind: CredentialKind;
  readonly secret: string;
}

const none: readonly SentCredential[] = Object.freeze([]);

/** Those of its headers, its query, a form and the fields of JSON. Shorter ones stand in other words too. */
export function credentialsOf({ url, headers, body }: HttpRequestParts): readonly SentCredential[] {
  let found: Map<string, CredentialKind> | undefined;
  const add = (name: string, value: string, place: NamePlace): void => {
    const kind = isSure(name, place) ? credentialKind(name, value, place) : undefined;
    if (kind === undefined) return;
    found ??= new Map();
    for (const one of secretsIn(kind, value))
      if (one.secret.length >= repeatedLengthMin && !found.has(one.secret)) found.set(one.secret, one.kind);
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
    for (const [name, value] of new URLSearchParams(textOf(body))) add(name, value, 'form');
  else if (body !== undefined && mayBeJson(body)) eachField(textOf(body), (name, value) => add(name, value, 'field'));
  return found === undefined ? none : [...found].map(([secret, kind]) => ({ kind, secret }));
}

const scheme = /^(Bearer|Basic|Token) +(.+)$/i;
const anyScheme = /^([A-Za-z][\w-]{1,31}) +(\S[\s\S]*)$/;

function secretsIn(kind: CredentialKind, value: string): readonly SentCredential[] {
  if (kind === 'cookie') return cookiesIn(value);
  const [, way = '', given = value] = (kind === 'authorization' ? anyScheme : scheme).exec(value) ?? [];
  switch (way.toLowerCase()) {
    case 'bearer':
      return [{ kind: 'bearer', secret: given }];
    case 'basic':
      return [{ kind: 'basic', secret: given }, ...pairedIn(given)];
    default:
      return [{ kind, secret: given }];
  }
}

/** What is secret in the `user:password` of a Basic header. */
function pairedIn(given: string): readonly SentCredential[] {
  const found: SentCredential[] = [];
  redactPair64(given, (secret) => {
    found.push({ kind: 'basic', secret });
    return secret;
  });
  return found;
}

/** The values of cookies, also as servers read them that decode them. An id and a setting are no secrets. */
function cookiesIn(value: string): readonly SentCredential[] {
  const found: SentCredential[] = [];
  redactCookie(value, (secret) => {
    if (meets('random', secret))
      for (const form of new Set([secret, decoded(secret)])) found.push({ kind: 'cookie', secret: form });
    return secret;
  });
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const jsonStart = /^\s*[{[]/;
const startLength = 64;

function mayBeJson(body: string | Uint8Array): boolean {
  return jsonStart.test(textOf(body.slice(0, startLength)));
}

function textOf(body: string | Uint8Array): string {
  return typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
}

/** What comes before the text of a field. */
const fieldStart = /"([\w.-]{2,64})"\s{0,8}:\s{0,8}"/g;

function eachField(json: string, found: (name: string, value: string) => void): void {
  if (!nameHint.test(json)) return;
  for (const match of json.matchAll(fieldStart)) {
    const [whole, name] = match as unknown as [string, string];
    if (!isSure(name, 'field')) continue;
    const start = match.index + whole.length;
    const value = textFrom(json, start);
    if (value !== undefined) found(name, value);
  }
}

/** The JSON text that begins at a place, behind its quote. */
function textFrom(json: string, start: number): string | undefined {
  for (let end = json.indexOf('"', start); end >= 0; end = json.indexOf('"', end + 1)) {
    let escapes = end;
    while (escapes > start && json[escapes - 1] === '\\') escapes -= 1;
    if ((end - escapes) % 2 === 1) continue;
    try {
      return JSON.parse(json.slice(start - 1, end + 1)) as string;
    } catch {
      return undefined;
    }
  }
  return undefined;
}
