// The address of a request, read once. A run asks few addresses many times, and what identifies a request in its address
// takes longer to find than the address to look up.
import { canonicalList } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { redactMadeRequest } from '../redact/redact.ts';
import { sortedPairs } from './http-body.ts';
import { originAlias } from './origin.ts';
import { unsignedQuery } from './signed-query.ts';

export class Address {
  /** Nobody changes it. */
  readonly url: URL;
  readonly #path: Value;
  #plain: { readonly href: string | undefined } | undefined;
  #query: Value;
  #signedQuery: Value;
  #origin: { readonly value: Value; readonly by: Origins } | undefined;

  constructor(url: URL) {
    this.url = url;
    this.#path = redactMadeRequest(url.pathname);
  }

  /** The whole text, if it is one of HTTP that names no user. */
  get plainHref(): string | undefined {
    this.#plain ??= { href: isPlain(this.url) ? this.url.href : undefined };
    return this.#plain.href;
  }

  /** Without credentials, as everything below. */
  get path(): Value {
    return this.#path;
  }

  /** By the aliases of a run. Runs of one engine share theirs. */
  origin(aliases: Origins): Value {
    if (this.#origin?.by !== aliases)
      this.#origin = { value: redactMadeRequest(originAlias(this.url, aliases, undefined)), by: aliases };
    return this.#origin.value;
  }

  /** The query as a multiset, without what signs it. */
  get query(): Value {
    this.#query ??= queryOf(this.url, unsignedQuery);
    return this.#query;
  }

  /** All of it, as version 1 told requests apart. */
  get signedQuery(): Value {
    this.#signedQuery ??= queryOf(this.url, (query) => [...query]);
    return this.#signedQuery;
  }
}

function isPlain({ protocol, username, password }: URL): boolean {
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

type Origins = Readonly<Record<string, readonly string[]>>;
type Pairs = readonly (readonly [string, string])[];

const noQuery = canonicalList([]);

function queryOf(url: URL, counted: (query: URLSearchParams) => Pairs): Value {
  return url.search === '' ? noQuery : redactMadeRequest(sortedPairs(counted(url.searchParams), 'query'));
}

/** Addresses come from outside, so only so many are kept, and no long ones. */
const keptCountMax = 1_000;
const keptLengthMax = 2_000;
const kept = new Map<string, Address>();

/** Undefined for a text that is no address. */
export function addressOf(text: string): Address | undefined {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const url = URL.parse(text);
  if (url === null) return undefined;
  const address = new Address(url);
  if (text.length > keptLengthMax) return address;
  if (kept.size >= keptCountMax) kept.clear();
  kept.set(text, address);
  return address;
}
