// Sinks for the events that nodes emit: one to iterate over, one that writes lines of JSON.
import { functionOf, oneOf, wholeNumber } from '../base/options/option-kind.ts';
import { checkArgument, checkOptions, noOptions, optionShape } from '../base/options/option-shape.ts';
import type { EventSink, RunEvent } from '../port/event-sink.ts';

/**
 * How `bufferedEmitter` holds events for a reader that is slower than the nodes. No node ever waits for that reader.
 */
export interface BufferedEmitterOptions {
  /** How many events may wait for the reader; 1,000 by default. Beyond that, the oldest are dropped and counted. */
  readonly highWaterMark?: number;
  /** Whether events come as they arrive (the default), or in canonical order at the commit. */
  readonly order?: 'arrival' | 'canonical';
}

type LinesOptions = Pick<BufferedEmitterOptions, 'order'>;

export const emitterOptions = optionShape<BufferedEmitterOptions>('bufferedEmitter', {
  highWaterMark: wholeNumber({ least: 1 }),
  order: oneOf('arrival', 'canonical'),
});

const { order: orderKind } = emitterOptions.kinds;
export const linesOptions = optionShape<LinesOptions>('jsonLinesEmitter', { order: orderKind });

/** A sink that is read by iteration, by one reader. It ends with `end()`. */
export interface BufferedEmitter extends EventSink, AsyncIterable<RunEvent> {
  /** How many events were dropped because the reader was slower than the run. */
  readonly dropped: number;
  /** Declares that no more events come: the reader gets what is left, then ends. */
  end(): void;
}

/**
 * Progress as an iteration: pass it to `createEngine(graph, { events: [emitter] })` and read it with `for await`. It
 * never slows a run down, and never holds more than `highWaterMark` events. To read what a node yields, use
 * `engine.stream`, which drops nothing.
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

/** A sink that writes one line of JSON per event, for example to `process.stdout`. */
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
