// What the outside has been asked for, in order, and what it was not heard of again.
import { effectIdentity } from '../../journal/effect-identity.ts';
import type { EffectRef } from '../../journal/entry.ts';
import type { Arrival, Oracle } from '../../port/oracle.ts';
import { arrivalKey } from '../order/arrival-key.ts';

export interface SentRequest {
  readonly at: string;
  readonly effect: EffectRef;
  /** The key of its answer. */
  readonly event: string;
  readonly idempotencyKey: string;
  /** The same for all that ask for the same thing in one task. */
  readonly like: string;
  /** Those like it that had left before, and had no answer yet. */
  readonly unanswered: readonly SentRequest[];
  isAnswered: boolean;
}

/** `onSent`: what it returns is called once the request has left. */
export function watchRequests(
  oracle: Oracle & { left(at: string): void },
  sent: SentRequest[],
  onSent: (event: string) => (() => void) | undefined,
): Oracle {
  return {
    isControlled: true,
    left: (at) => oracle.left(at),
    arrive(arrival) {
      const { kind, at, effect } = arrival;
      const isSeen = kind === 'request' || kind === 'effect';
      const type = effect?.type;
      if (!isSeen || effect === undefined || (type !== 'call' && type !== 'http')) {
        oracle.arrive(arrival);
        return;
      }
      const event = arrivalKey({ kind: 'effect', at, effect });
      const deliver = (): void => {
        if (kind === 'effect') {
          for (const request of sent) if (request.event === event) request.isAnswered = true;
          arrival.deliver();
          return;
        }
        const like = likeOf(at, effect);
        const unanswered = sent.filter((request) => request.like === like && !request.isAnswered);
        const { idempotencyKey = '' } = arrival;
        sent.push({ at, effect, event, idempotencyKey, like, unanswered, isAnswered: false });
        const after = onSent(event);
        arrival.deliver();
        after?.();
      };
      const seen: Arrival = { kind, at, effect, deliver };
      oracle.arrive(seen);
    },
  };
}

/** Whatever the attempts of its task, and of those around it. */
export function likeOf(at: string, effect: EffectRef): string {
  return `${at.replaceAll(/#\d+/g, '')} ${effectIdentity(effect)}`;
}
