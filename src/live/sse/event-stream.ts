// A reader of a run as server-sent events (the HTML standard, section 9.2). The id of each event is its cursor, so an
// `EventSource` that lost its connection sends it back as `Last-Event-ID` and gets exactly the rest.
import { numberIn, text, timerMsMax } from '../../base/options/option-kind.ts';
import { recordOf } from '../../base/options/option-parts.ts';
import { optionShape } from '../../base/options/option-shape.ts';

/** What is streamed: a reader from `engine.stream` or `engine.read`. */
export interface EventStreamSource extends AsyncIterable<{ readonly kind: string; readonly cursor: string }> {
  /** The reader starts after the end of the run, so nothing is left to send. */
  readonly hasEnded: boolean;
}

export interface EventStreamOptions {
  /** How long the connection may be silent before a comment is sent to keep proxies from closing it; 15,000 ms. */
  readonly keepAliveMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export const eventStreamOptions = optionShape<EventStreamOptions>('eventStream', {
  keepAliveMs: numberIn({ above: 0, most: timerMsMax }),
  headers: recordOf(text, 'an object of header values by name'),
});

const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  // Keeps nginx and the like from buffering the answer.
  'x-accel-buffering': 'no',
};
const keepAliveMsDefault = 15_000;
const comment = ': waiting\n\n';

export function eventHeaders({ headers }: EventStreamOptions): Readonly<Record<string, string>> {
  return { ...streamHeaders, ...headers };
}

/** Each item as the text of an event, and a comment whenever nothing came for a while. */
export async function* eventTexts(
  stream: EventStreamSource,
  options: EventStreamOptions,
): AsyncGenerator<string, undefined> {
  const keepAliveMs = options.keepAliveMs ?? keepAliveMsDefault;
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
      yield itemText(result.value);
    }
  } catch (thrown) {
    yield errorText(thrown);
    return undefined;
  } finally {
    // Not awaited: a reader that is waiting for the run returns only when the run makes progress.
    void items.return?.(undefined);
  }
}

function itemText(item: { readonly kind: string; readonly cursor: string }): string {
  // JSON contains no line breaks, which would end the field.
  return `id: ${item.cursor}\ndata: ${JSON.stringify(item)}\n\n`;
}

function errorText(thrown: unknown): string {
  const { code = 'node-failed', message = String(thrown) } = thrown as {
    readonly code?: string;
    readonly message?: string;
  };
  return `data: ${JSON.stringify({ kind: 'error', code, message })}\n\n`;
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
