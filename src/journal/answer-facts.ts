// What an HTTP answer held besides what is compared.
import type { CredentialKind } from './redact/credential/credential-kind.ts';

/** An answer with a status below 200. */
export interface InterimAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
}

/** Where an answer repeats a credential of its own request. The credential itself stands there alone. */
export interface RepeatedCredential {
  readonly kind: CredentialKind;
  /**
   * The way to the text or the bytes: `value` or `error` of the outcome, or `answer`, and what follows below that. Below an
   * error these are `message`, `cause`, `fields` and `own`.
   */
  readonly in: readonly (string | number)[];
  /** In characters as JavaScript counts them; in bytes where it stands in those. */
  readonly start: number;
  readonly length: number;
  /** It is written otherwise there: the stretch that is decoded first. `start` and `length` count in what it decodes to. */
  readonly encoded?: {
    readonly as: 'json' | 'percent' | 'page' | 'base64';
    readonly start: number;
    readonly length: number;
  };
}

/** What an HTTP answer held besides what is compared. A replay and a resumed run give it back. */
export interface AnswerFacts {
  readonly statusText?: string;
  /** All headers, in their order, case and repetitions. */
  readonly headers: readonly (readonly [string, string])[];
  /** The address that answered, if it is not the one that was asked; without its origin if that is the same. */
  readonly url?: string;
  readonly redirected?: true;
  /** The `type` of the response of a `fetch`, if it is not `basic`: `cors` after a redirect to another origin. */
  readonly type?: string;
  /** How often its client was told, before the answer began, that the connection was idle for as long as it allows. */
  readonly idle?: number;
  /** It came over a connection that an agent of node:http had kept. */
  readonly reused?: true;
  readonly trailers?: readonly (readonly [string, string])[];
  /** Answers that only announced this one: early hints, for example. */
  readonly interim?: readonly InterimAnswer[];
  /** The coding in which the client got the body. The body is stored decoded, and `parts` are lengths of that. */
  readonly encoding?: string;
  /** In chunks, whose last part came together with the end. */
  readonly endsWithPart?: true;
  /** Its client kept the body until somebody read it, so nothing tells how much of it the code has read. */
  readonly kept?: true;
  /**
   * Which parts came when all had been done that followed at once from what came before, as [first, count] each. The end
   * counts as the part after the last one. All others came together with that. Absent, nobody knows of several parts.
   */
  readonly apart?: readonly (readonly [number, number])[];
  /** In a store alone: the credentials of the request that stand in the answer, once each. */
  readonly repeats?: readonly RepeatedCredential[];
}
