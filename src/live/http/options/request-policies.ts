// What the options say about one request. Each is asked once, unless it throws: then it throws again.
import type { OnDoubt } from '../../../port/attempt.ts';
import type { HttpEffectsOptions, SentRequest } from './http-options.ts';

/** They throw whatever the user's functions throw. */
export interface RequestPolicies {
  readonly onDoubt: OnDoubt | undefined;
  readonly keeps: boolean;
  /** The name of the header for its idempotency key. */
  readonly keyName: string | undefined;
  /** Whether it is sent with a key. One whose policy fails is not sent, which is found out where the key is needed. */
  readonly hasKey: boolean;
  /** Whether one of them needs to know what the request asks for before any of it leaves. */
  readonly askFirst: boolean;
}

const none: RequestPolicies = { onDoubt: undefined, keeps: false, keyName: undefined, hasKey: false, askFirst: false };

export function policiesOf(options: HttpEffectsOptions, request: SentRequest): RequestPolicies {
  const { onDoubt, idempotencyHeader, keep } = options;
  const isSilent = onDoubt === undefined && idempotencyHeader === undefined && keep === undefined;
  return isSilent ? none : new AskedPolicies(options, request);
}

class AskedPolicies implements RequestPolicies {
  readonly #onDoubt: () => OnDoubt | undefined;
  readonly #keeps: () => boolean;
  readonly #keyName: () => string | undefined;

  constructor({ onDoubt, idempotencyHeader, keep }: HttpEffectsOptions, request: SentRequest) {
    this.#onDoubt = once(() => onDoubt?.(request));
    this.#keeps = once(() => keep?.(request) === true);
    this.#keyName = once(() => idempotencyHeader?.(request));
  }

  get onDoubt(): OnDoubt | undefined {
    return this.#onDoubt();
  }
  get keeps(): boolean {
    return this.#keeps();
  }
  get keyName(): string | undefined {
    return this.#keyName();
  }

  get hasKey(): boolean {
    try {
      return this.keyName !== undefined;
    } catch {
      return false;
    }
  }

  get askFirst(): boolean {
    try {
      return (this.onDoubt ?? 'retry') !== 'retry' || this.keyName !== undefined || this.keeps;
    } catch {
      // A policy that fails refuses the request when it is asked about.
      return true;
    }
  }
}

function once<Result>(make: () => Result): () => Result {
  let made: { readonly result: Result } | undefined;
  return () => {
    made ??= { result: make() };
    return made.result;
  };
}
