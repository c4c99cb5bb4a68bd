// A matcher that nobody awaits would fail when its test is over, which no one would see. vitest waits for what stands in the list
// of a test, so such a failure is put there.
import type { MatcherState } from 'vitest';

interface Matched {
  readonly pass: boolean;
  readonly message: () => string;
}

interface Watched {
  promises?: Promise<unknown>[];
}

// biome-ignore lint/suspicious/noExplicitAny: as vitest declares them
type Matcher = (this: MatcherState, received: unknown, ...given: any[]) => Promise<Matched>;

/** The matcher, which fails its test also where it is not awaited. */
export function awaited(matcher: Matcher): Matcher {
  return function match(this: MatcherState, received: unknown, ...given: unknown[]) {
    const { task } = this as { readonly task?: Watched };
    const matched = matcher.call(this, received, ...given);
    return task === undefined ? matched : (watched(matched, task) as Promise<Matched>);
  };
}

/** vitest asks for what comes of it, at once, and gives that to the test. */
function watched(matched: Promise<Matched>, task: Watched): PromiseLike<Matched> {
  return {
    // biome-ignore lint/suspicious/noThenProperty: it is asked for in the place of a promise
    then(onMatched, onError) {
      const checked = matched.then(onMatched, onError);
      let isAwaited = false;
      const isSeen = checked.then(
        () => undefined,
        (error: unknown) => {
          if (!isAwaited) throw error;
        },
      );
      isSeen.catch(() => undefined);
      task.promises ??= [];
      task.promises.push(isSeen);
      const asked = <Asked>(given: Asked): Asked => {
        isAwaited = true;
        return given;
      };
      return {
        // biome-ignore lint/suspicious/noThenProperty: it is a promise that knows who asks
        then: (done, failed) => asked(checked).then(done, failed),
        catch: (failed) => asked(checked).catch(failed),
        finally: (settled) => asked(checked).finally(settled),
        [Symbol.toStringTag]: 'Promise',
      } satisfies typeof checked;
    },
  };
}
