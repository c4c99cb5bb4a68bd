// By which rules requests are told apart. A run keeps those that it began with, wherever it is resumed and replayed.
import { compareCodeUnits } from '../../base/compare.ts';
import { sameValue } from '../../base/equal.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { RunEntry } from '../entry.ts';
import type { RequestRules } from '../run-facts.ts';
import { countedHeadersVersion } from './counted-headers.ts';
import { drawnValuesVersion } from './drawn-values.ts';
import { outsideRules, ownRules } from './outside-endpoints.ts';
import type { OutsideOption } from './outside-endpoints.ts';

/** What users say about it: to an engine, to a replay and in the config. */
export interface RequestRulesOptions {
  /**
   * Names for origins, so that a run recorded against one host replays against another:
   * `{ openai: ['https://api.openai.com', 'https://llm.internal'] }`. All loopback origins count as the same one; a Unix
   * socket is an origin such as `unix:/var/run/docker.sock`.
   */
  readonly origins?: Readonly<Record<string, readonly string[]>>;
  readonly match?: {
    /** Request headers that count besides those that choose an operation, a part or a tenant. */
    readonly headers?: readonly string[];
  };
  /**
   * Requests that are no part of a run, besides listed telemetry and credential endpoints (`reprise doctor` prints them).
   * They leave untouched, and are neither recorded nor compared. A replay answers them without network: telemetry with
   * 204, a credential request with a token that does not expire.
   *
   * `'POST https://telemetry.internal/*'` adds telemetry, `{ url: 'https://login.internal/token', kind: 'credential' }` an
   * endpoint for tokens. `'!sentry'` takes a listed one out by its name, `'!*'` all of them, and
   * `'!https://us.i.posthog.com/batch/'` a single address.
   */
  readonly outside?: readonly OutsideOption[];
}

/** The rules of a run that begins now. */
export function requestRules(options: RequestRulesOptions): RequestRules {
  const rules = {
    ...rulesOf(countedHeadersVersion, options),
    drawn: drawnValuesVersion,
    outside: outsideRules(options.outside ?? []),
  };
  return canonicalValue(rules, 'the rules of requests') as unknown as RequestRules;
}

/**
 * The rules that a recorded run is resumed and replayed by. Runs of version 1 named none: they were compared by what the
 * engine was given, and no header counted by itself. A run of version 2 without rules began where no HTTP was recorded.
 */
export function recordedRules(run: Pick<RunEntry, 'rules' | 'semantics'>, options: RequestRulesOptions): RequestRules {
  return run.rules ?? (run.semantics === 1 ? rulesOf(0, options) : unsaidRules);
}

function rulesOf(headers: number, { origins = {}, match = {} }: RequestRulesOptions): RequestRules {
  const moreHeaders = [...new Set(match.headers?.map((name) => name.toLowerCase()))].sort(compareCodeUnits);
  return {
    headers,
    ...(moreHeaders.length === 0 ? {} : { moreHeaders }),
    ...(Object.keys(origins).length === 0 ? {} : { origins }),
  };
}

/** For a run of version 2 that does not say. Fixed, so that later versions of the list change nothing about it. */
const unsaidRules: RequestRules = Object.freeze({ headers: 1 });

export type UnfollowedRule = 'origins' | 'match.headers' | 'outside';

/** Options that a recorded run does not follow, because it began with others. */
export function unfollowedRules(recorded: RequestRules, given: RequestRules): readonly UnfollowedRule[] {
  const differs = (left: unknown, right: unknown): boolean =>
    right !== undefined && !sameValue(left as Value, right as Value);
  return [
    ...(differs(recorded.origins, given.origins) ? (['origins'] as const) : []),
    ...(differs(recorded.moreHeaders, given.moreHeaders) ? (['match.headers'] as const) : []),
    ...(differs(ownRules(recorded.outside), ownRules(given.outside)) ? (['outside'] as const) : []),
  ];
}
