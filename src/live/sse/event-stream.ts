// A reader of a run as server-sent events (the HTML standard, section 9.2). The id of each event is its cursor, so an
// `EventSource` that lost its connection sends it back as `Last-Event-ID` and gets exactly the rest.
import { anyFunction, numberIn, text, timerMsMax } from '../../base/options/option-kind.ts';
import { recordOf } from '../../base/options/option-parts.ts';
import { optionShape } from '../../base/options/option-shape.ts';
import { errorId, idOf, isLast, sentError, standardSelect } from './sent-item.ts';
import type { SentItem } from './sent-item.ts';

/** What is streamed: a reader from `engine.stream` or `engine.read`. */
export interface EventStreamSource<Item extends SentItem = SentItem> extends AsyncIterable<Item> {
  /** The reader starts where a browser was told to stop, so nothing is left to send. */
  readonly hasEnded: boolean;
  /** Why the reader cannot start where it is told to. */
  readonly refused?: Error | undefined;
}

/**
 * What of a run leaves the server, and how the connection is kept open. The defaults are meant for a browser that must
 * not see the state of the run.
 */
export interface EventStreamOptions<Item extends SentItem = SentItem> {
  /**
   * What is sent of an item; undefined for nothing. By default chunks, what makes them void, questions and the status of
   * the run: never its state. To send more, name it: `(item) => item` sends everything.
   */
  readonly select?: (item: Item) => object | undefined;
  /** How long the connection may be silent before a comment is sent to keep proxies from closing it; 15,000 ms. */
  readonly keepAliveMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export const eventStreamOptions = optionShape<EventStreamOptions>('eventStream', {
  select: anyFunction,
  keepAliveMs: numberIn({ above: 0, most: timerMsMax }),
  headers: recordOf(text, 'an object of header values by name'),
});

const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  // Keeps nginx and the like from buffering the answer.
  'x-accel-buffering': 'no',
};
export const jsonHeaders = { 'content-type': 'application/json', 'cache-control': 'no-store' };
const keepAliveMsDefault = 15_000;
const comment = ': waiting\n\n';

export function eventHeaders({ headers }: Pick<EventStreamOptions, 'headers'>): Readonly<Record<string, string>> {
  return { ...streamHeaders, ...headers };
}

/** An answer in place of a stream. An `EventSource` does not come back after either. */
export type PlainAnswer = { readonly status: 204 } | { readonly status: 400; readonly json: string };

export function plainAnswer({
  hasEnded,
  refused,
}: Pick<EventStreamSource, 'hasEnded' | 'refused'>): PlainAnswer | undefined {
  if (refused !== undefined) return { status: 400, json: JSON.stringify(sentError(refused)) };
  return hasEnded ? { status: 204 } : undefined;
}

/** Each item as the text of an event, and a comment whenever nothing came for a while. */
export async function* eventTexts<Item extends SentItem>(
  stream: EventStreamSource<Item>,
  { keepAliveMs = keepAliveMsDefault, select = standardSelect }: EventStreamOptions<Item>,
): AsyncGenerator<string, undefined> {
  let last: string | undefined;
  const items = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = items.next();
      let result = await withinTime(next, keepAliveMs);
      while (result === undefined) {
        yield comment;
        result = await withinTime(next, keepAliveMs);
      }
      if (result.done === true) return undefined;
      const item = result.value;
      last = item.cursor;
      const sent = select(item);
      if (sent !== undefined || isLast(item)) yield eventText(idOf(item), sent);
    }
  } catch (thrown) {
    const error = sentError(thrown);
    yield eventText(errorId(error, last), error);
    return undefined;
  } finally {
    // Not awaited: a reader that is waiting for the run returns only when the run makes progress.
    void items.return?.(undefined);
  }
}

/** An event without data is not seen by the page, but its id counts. */
function eventText(id: string | undefined, data: object | undefined): string {
  // JSON contains no line breaks, which would end the field.
  const lines = [
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(data === undefined ? [] : [`data: ${JSON.stringify(data)}`]),
  ];
  return `${lines.join('\n')}\n\n`;
}

async function withinTime<Result>(promise: Promise<Result>, timeMs: number): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
