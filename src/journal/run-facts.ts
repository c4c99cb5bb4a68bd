// What a run entry says besides its graph and its input: the rules that it follows, its terms, and its surroundings.

/**
 * By which rules the HTTP requests of a run are told apart. They stay with the run when another process resumes or replays it.
 */
export interface RequestRules {
  /** The version of the listed headers that count by themselves (`journal/http/counted-headers.ts`); 0 for none. */
  readonly headers: number;
  /** The version of the listed values that clients draw (`journal/http/drawn-values.ts`); without it all of them count. */
  readonly drawn?: number;
  /** Names of further headers that count: lower-case, sorted. */
  readonly moreHeaders?: readonly string[];
  /** Names for origins. */
  readonly origins?: { readonly [alias: string]: readonly string[] };
  /** Absent where every request is part of the run, as in runs that began before there was such a list. */
  readonly outside?: OutsideRules;
}

/** Which requests are no part of a run: they are neither recorded nor compared. */
export interface OutsideRules {
  /** The version of the listed endpoints (`journal/http/listed-endpoints.ts`); 0 for none. */
  readonly listed: number;
  /** Further endpoints. */
  readonly more?: readonly OutsideEndpoint[];
  /** Listed endpoints by name, or patterns, whose requests are part of the run all the same. */
  readonly without?: readonly string[];
}

export interface OutsideEndpoint {
  /** A pattern (`journal/http/endpoint-pattern.ts`). */
  readonly url: string;
  readonly kind: 'telemetry' | 'credential';
  /** What a replay answers, as a text; by default what is usual for the kind. */
  readonly answer?: string;
}

/** Where a run was recorded, so that a divergence can say what is different now. No name and no path of the machine. */
export interface Surroundings {
  readonly node: string;
  readonly platform: string;
  readonly timeZone: string;
  readonly locale: string;
}

/**
 * What a run was begun with and keeps, whichever process drives it. Nothing that is compared depends on it. A resume may
 * change it: the last terms in the journal count.
 */
export interface RunTerms {
  /** Nodes before which the run pauses. */
  readonly pauseBefore?: readonly string[];
  /** Nodes after which it pauses, once their step is committed. */
  readonly pauseAfter?: readonly string[];
  /** When the run has to have ended, in milliseconds since 1970, and how long that was when it was set. */
  readonly deadline?: { readonly at: number; readonly timeoutMs: number };
  /** What users sort their runs by: texts by name. */
  readonly labels?: { readonly [name: string]: string };
  /** The step after which somebody had the run continue: it does not pause there again. */
  readonly passed?: number;
}
