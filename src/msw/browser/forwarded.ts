// How a page asks the bridge for a recorded answer, and how the answer comes back. Both sides agree on it here.

/** What a request is besides its body. */
export interface ForwardedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
}

/** What comes back besides the body. */
export type ForwardedAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly statusText: string;
      readonly headers: readonly (readonly [string, string])[];
      readonly hasBody: boolean;
    }
  /** Left to other handlers. */
  | { readonly kind: 'none' }
  /** Its client got an error in place of an answer. */
  | { readonly kind: 'error'; readonly message: string };

/** The header in which either of them stands. */
export const forwardedHeader = 'x-reprise-forwarded';

export function forwarded(message: ForwardedRequest | ForwardedAnswer): string {
  return encodeURIComponent(JSON.stringify(message));
}

export function readForwarded(headers: Headers): unknown {
  const text = headers.get(forwardedHeader);
  return text === null ? undefined : JSON.parse(decodeURIComponent(text));
}
