// Once an answer has begun to come, all of it comes: its head, then the parts of its body, as far as the client asks for them.
import type { EventName } from '../order/event-names.ts';
import type { Strategy } from './strategy.ts';

const partOfBody = /\/part:\d+$/;

export function isPart({ key }: EventName): boolean {
  return partOfBody.test(key);
}

/** `base` picks among answers, and is asked only where no answer has begun. */
export function wholeAnswers(base: Strategy): Strategy {
  return {
    name: `${base.name} of whole answers`,
    pick(ready, happened) {
      const last = happened.at(-1);
      if (last !== undefined) {
        const answer = answerOf(last.event);
        const next = ready.findIndex(({ event }) => isPart(event) && answerOf(event) === answer);
        if (next >= 0) return next;
      }
      return base.pick(ready, happened);
    },
  };
}

function answerOf({ key }: EventName): string {
  return key.replace(partOfBody, '');
}
