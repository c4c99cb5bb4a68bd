// Which requests are no part of a run, by the rules that the run began with: listed endpoints, without those that it took
// out, and its own.
import type { OutsideEndpoint, OutsideRules, RequestRules } from '../run-facts.ts';
import { endpointPattern, fitsEndpoint, fitsHost } from './endpoint-pattern.ts';
import type { EndpointPattern, EndpointRequest } from './endpoint-pattern.ts';
import { listedEndpoints, listedEndpointsVersion } from './listed-endpoints.ts';
import type { EndpointKind } from './listed-endpoints.ts';
import { answerOf, noContent, oauthToken } from './placeholder-answers.ts';
import type { PlaceholderAnswer } from './placeholder-answers.ts';

/** What users say about it. A text adds telemetry, or, after a `!`, takes out what is listed. */
export type OutsideOption =
  | string
  | {
      readonly url: string;
      readonly kind: EndpointKind;
      /** A note for the readers of the config. */
      readonly why?: string;
      /** What a replay answers: a text, or what is sent as JSON. */
      readonly answer?: unknown;
    };

export function outsideRules(options: readonly OutsideOption[]): OutsideRules {
  const without = options.flatMap((option) => (isTakenOut(option) ? [option.slice(1)] : []));
  const more = options.filter((option) => !isTakenOut(option)).map(endpointOf);
  return {
    listed: without.includes('*') ? 0 : listedEndpointsVersion,
    ...(more.length === 0 ? {} : { more }),
    ...(without.length === 0 ? {} : { without }),
  };
}

function isTakenOut(option: OutsideOption): option is string {
  return typeof option === 'string' && option.startsWith('!');
}

function endpointOf(option: OutsideOption): OutsideEndpoint {
  if (typeof option === 'string') return { url: option, kind: 'telemetry' };
  const { url, kind, answer } = option;
  if (answer === undefined) return { url, kind };
  return { url, kind, answer: typeof answer === 'string' ? answer : JSON.stringify(answer) };
}

/** What a project has said itself, if anything. */
export function ownRules(rules: OutsideRules | undefined): Omit<OutsideRules, 'listed'> | undefined {
  const { listed: _listed, ...own } = rules ?? {};
  return Object.keys(own).length === 0 ? undefined : own;
}

/** An endpoint whose requests are no part of a run, for people. */
export interface KnownEndpoint {
  readonly name: string;
  readonly kind: EndpointKind;
  readonly why: string;
  readonly patterns: readonly string[];
}

/** Those of a project, its own first. */
export function knownEndpoints(options: readonly OutsideOption[]): readonly KnownEndpoint[] {
  const { listed, without = [] } = outsideRules(options);
  const own = options.flatMap((option): readonly KnownEndpoint[] => {
    if (isTakenOut(option)) return [];
    const given: Exclude<OutsideOption, string> = typeof option === 'string' ? endpointOf(option) : option;
    const { url, kind, why = 'added by this project' } = given;
    return [{ name: url, kind, why, patterns: [url] }];
  });
  const kept = listedEndpoints(listed).filter(({ name }) => !without.includes(name));
  return [
    ...own,
    ...kept.map(({ name, kind, why, answers }) => ({ name, kind, why, patterns: answers.map(([text]) => text) })),
  ];
}

/** The endpoint of a request that is no part of its run. */
export interface FoundEndpoint {
  /** The name under which it is listed, or the pattern that a project gave. */
  readonly name: string;
  readonly kind: EndpointKind;
  readonly answer: PlaceholderAnswer;
}

interface Candidate extends FoundEndpoint {
  readonly pattern: EndpointPattern;
}

export function outsideEndpoint(rules: RequestRules | undefined, request: EndpointRequest): FoundEndpoint | undefined {
  return rules?.outside === undefined ? undefined : tableOf(rules.outside).find(request);
}

/** Runs of one engine share their rules. */
const tables = new WeakMap<OutsideRules, EndpointTable>();

function tableOf(rules: OutsideRules): EndpointTable {
  let table = tables.get(rules);
  if (table === undefined) {
    table = new EndpointTable(rules);
    tables.set(rules, table);
  }
  return table;
}

/** Addresses come from outside, so only so many are kept, and no long ones. */
const keptCountMax = 1_000;
const keptLengthMax = 2_000;

class EndpointTable {
  readonly #endpoints: readonly Candidate[];
  readonly #takenOut: readonly EndpointPattern[];
  /** Those that a host has: a run asks few hosts many times. */
  readonly #byHost = new Map<string, readonly Candidate[]>();
  /** What was found before, by method and address without a query, which no pattern looks at. */
  readonly #found = new Map<string, FoundEndpoint | undefined>();
  /** The same for the addresses themselves, which are kept: their texts are made whenever somebody asks for them. */
  readonly #foundFor = new WeakMap<URL, { readonly method: string; readonly found: FoundEndpoint | undefined }>();

  constructor({ listed, more = [], without = [] }: OutsideRules) {
    const kept = listedCandidates(listed).filter(({ name }) => !without.includes(name));
    this.#endpoints = [...more.flatMap(ownCandidate), ...kept];
    this.#takenOut = without.flatMap((text) => endpointPattern(text) ?? []);
  }

  find(request: EndpointRequest): FoundEndpoint | undefined {
    const { method, url } = request;
    const last = this.#foundFor.get(url);
    if (last?.method === method) return last.found;
    const found = this.#findText(request);
    this.#foundFor.set(url, { method, found });
    return found;
  }

  #findText(request: EndpointRequest): FoundEndpoint | undefined {
    const { protocol, host, pathname } = request.url;
    const asked = `${request.method} ${protocol}//${host}${pathname}`;
    if (this.#found.has(asked)) return this.#found.get(asked);
    const found = this.#look(request);
    if (this.#found.size >= keptCountMax) this.#found.clear();
    if (asked.length <= keptLengthMax) this.#found.set(asked, found);
    return found;
  }

  #look(request: EndpointRequest): FoundEndpoint | undefined {
    const found = this.#at(request.url.hostname).find(({ pattern }) => fitsEndpoint(pattern, request));
    const isTakenOut = found !== undefined && this.#takenOut.some((pattern) => fitsEndpoint(pattern, request));
    return isTakenOut ? undefined : found;
  }

  #at(hostname: string): readonly Candidate[] {
    let known = this.#byHost.get(hostname);
    if (known === undefined) {
      known = this.#endpoints.filter(({ pattern }) => fitsHost(pattern, hostname));
      if (this.#byHost.size >= keptCountMax) this.#byHost.clear();
      this.#byHost.set(hostname, known);
    }
    return known;
  }
}

function ownCandidate({ url, kind, answer }: OutsideEndpoint): readonly Candidate[] {
  const usual = kind === 'telemetry' ? noContent : oauthToken;
  return candidate(url, { name: url, kind, answer: answer === undefined ? usual : answerOf(answer) });
}

const listedByVersion = new Map<number, readonly Candidate[]>();

function listedCandidates(version: number): readonly Candidate[] {
  let listed = listedByVersion.get(version);
  if (listed === undefined) {
    listed = listedEndpoints(version).flatMap(({ name, kind, answers }) =>
      answers.flatMap(([pattern, answer]) => candidate(pattern, { name, kind, answer })),
    );
    listedByVersion.set(version, listed);
  }
  return listed;
}

function candidate(text: string, found: FoundEndpoint): readonly Candidate[] {
  const pattern = endpointPattern(text);
  return pattern === undefined ? [] : [{ ...found, pattern }];
}
