// Sinks for the events that nodes emit, for those who want them as an iteration or as lines of a log.
import { functionOf, oneOf, wholeNumber } from '../base/options/option-kind.ts';
import { checkArgument, checkOptions, noOptions, optionShape } from '../base/options/option-shape.ts';
import type { EventSink, RunEvent } from '../port/event-sink.ts';

export interface BufferedEmitterOptions {
  /** How many events may wait for the reader; 1,000 by default. Beyond that, the oldest are dropped and counted. */
  readonly highWaterMark?: number;
  /** Like any sink: events as they arrive (the default), or in canonical order at the commit. */
  readonly order?: 'arrival' | 'canonical';
}

type LinesOptions = Pick<BufferedEmitterOptions, 'order'>;

export const emitterOptions = optionShape<BufferedEmitterOptions>('bufferedEmitter', {
  highWaterMark: wholeNumber({ least: 1 }),
  order: oneOf('arrival', 'canonical'),
});

const { order: orderKind } = emitterOptions.kinds;
export const linesOptions = optionShape<LinesOptions>('jsonLinesEmitter', { order: orderKind });

/** A sink that is read by iteration. One reader; it ends with `end()`. */
export interface BufferedEmitter extends EventSink, AsyncIterable<RunEvent> {
  /** How many events were dropped, since the reader was slower than the run. */
  readonly dropped: number;
  /** Nothing more comes: the reader gets what is left, and ends. */
  end(): void;
}

/**
 * Progress as an iteration: give it to `createEngine({ events: [emitter] })` and read it with `for await`. It never holds
 * a run back, and never more than `highWaterMark` events. For what a node yields there is `engine.stream`, which drops
 * nothing.
 *
 * ```ts
 * import { bufferedEmitter, createEngine, fields, graph } from 'reprise';
 *
 * const work = graph('work', { state: fields({}) })
 *   .node('dig', (_state, { emit }) => {
 *     for (const share of [25, 50, 100]) emit('progress', { share });
 *   })
 *   .start('dig')
 *   .build();
 * const progress = bufferedEmitter();
 * const engine = createEngine(work, { events: [progress] });
 * void engine.run({}).finally(() => progress.end());
 * const shares: number[] = [];
 * for await (const { data } of progress) shares.push((data as { share: number }).share);
 * console.log(shares); // [ 25, 50, 100 ]
 * await engine.close();
 * ```
 *
 * @throws RepriseError `option-invalid`
 */
export function bufferedEmitter(options: BufferedEmitterOptions = noOptions): BufferedEmitter {
  checkOptions(emitterOptions, options);
  const { highWaterMark = 1_000, order = 'arrival' } = options;
  return new EventBuffer(highWaterMark, order);
}

class EventBuffer implements BufferedEmitter {
  readonly order: 'arrival' | 'canonical';
  readonly #highWaterMark: number;
  #events: RunEvent[] = [];
  #dropped = 0;
  #hasEnded = false;
  #wake: () => void = () => undefined;

  constructor(highWaterMark: number, order: 'arrival' | 'canonical') {
    this.#highWaterMark = highWaterMark;
    this.order = order;
  }

  get dropped(): number {
    return this.#dropped;
  }

  deliver = (event: RunEvent): void => {
    this.#events.push(event);
    if (this.#events.length > this.#highWaterMark) {
      this.#events.shift();
      this.#dropped += 1;
    }
    this.#wake();
  };

  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RunEvent, undefined> {
    for (;;) {
      for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) yield event;
      if (this.#hasEnded) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** A sink that writes one line of JSON for each event, such as to `process.stdout.write`. */
export function jsonLinesEmitter(write: (line: string) => void, options: LinesOptions = noOptions): EventSink {
  checkArgument('jsonLinesEmitter', 'write', functionOf('a function that takes a line'), write);
  checkOptions(linesOptions, options);
  const { order = 'arrival' } = options;
  return {
    order,
    deliver: ({ runId, key, node, name, stream, ordinal, data }) =>
      write(`${JSON.stringify({ runId, key, node, name, stream, ordinal, data })}\n`),
  };
}
