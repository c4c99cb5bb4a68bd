// OpenTelemetry traces of runs, built from their journals: with the times when things happened, not when they were
// reported.
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Context, Tracer, TracerProvider } from '@opentelemetry/api';
import { anyFunction, functionOf, required, trueOrFalse, wholeNumber } from '../../base/options/option-kind.ts';
import { objectWith } from '../../base/options/option-parts.ts';
import { checkOptions, noOptions, optionShape } from '../../base/options/option-shape.ts';
import type { ObservedRun, RunObserver } from '../../port/observer.ts';
import { RunStates } from '../run-states.ts';
import { RunTrace } from './run-trace.ts';
import type { RunTraceSetup } from './run-trace.ts';

/**
 * Where `openTelemetry` sends its spans and what they hold. Without options it uses the globally registered provider,
 * and leaves out what nodes emit.
 */
export interface OpenTelemetryOptions {
  /** The source of the tracer; by default the globally registered provider. */
  readonly tracerProvider?: TracerProvider;
  /** The tracer itself, instead of a provider. */
  readonly tracer?: Tracer;
  /** The parent context of a run's span, such as that of the request it serves; none by default. */
  readonly parentOf?: (run: ObservedRun) => Context | undefined;
  /** Whether span events include the emitted data, with credentials redacted; false by default. */
  readonly eventData?: boolean;
  /** As for any observer: how many entries may wait; 1,000 by default. */
  readonly maxPending?: number;
}

export const traceOptions = optionShape<OpenTelemetryOptions>(
  'openTelemetry',
  {
    tracerProvider: objectWith('a tracer provider', { getTracer: required(anyFunction) }),
    tracer: objectWith('a tracer', { startSpan: required(anyFunction) }),
    parentOf: functionOf('a function of the run'),
    eventData: trueOrFalse,
    maxPending: wholeNumber({ least: 1 }),
  },
  ({ tracer, tracerProvider }) =>
    tracer !== undefined && tracerProvider !== undefined
      ? { option: 'tracer', wanted: 'either a tracer or a tracer provider' }
      : undefined,
);

/**
 * An observer that traces each run: run > step > task > attempt > effect, with the steps of a subgraph below the
 * attempt that ran it. A failure sets the status of its span and adds an exception event. What nodes emit becomes span
 * events. Model calls have the attributes of the conventions for generative AI, tokens included.
 *
 * ```ts
 * import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
 * import { createEngine, fields, graph } from 'reprise';
 * import { openTelemetry } from 'reprise/opentelemetry';
 *
 * const exporter = new InMemorySpanExporter();
 * const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
 * const engine = createEngine(
 *   graph('still', { state: fields({}) }).node('wait', () => {}).start('wait').build(),
 *   { observers: [openTelemetry({ tracerProvider })] },
 * );
 * await engine.run({});
 * await engine.close();
 * console.log(exporter.getFinishedSpans().map(({ name }) => name).join(' < ')); // attempt 1 < task wait < step 1 < run
 * still ```
 *
 * @throws RepriseError `option-invalid`
 */
export function openTelemetry(options: OpenTelemetryOptions = noOptions): RunObserver {
  checkOptions(traceOptions, options);
  const { tracerProvider, tracer, parentOf, eventData = false, maxPending } = options;
  const provider = tracerProvider ?? trace.getTracerProvider();
  const setup: RunTraceSetup = {
    tracer: tracer ?? provider.getTracer('reprise'),
    parentOf: (run) => parentOf?.(run) ?? ROOT_CONTEXT,
    hasEventData: eventData,
  };
  const runs = new RunStates<RunTrace>(
    (run) => new RunTrace(setup, run),
    (lost) => letGo(lost),
  );
  return {
    name: 'openTelemetry',
    ...(maxPending === undefined ? {} : { maxPending }),
    observe(entries, { dropped }) {
      if (dropped > 0) for (const run of runs.all) run.isIncomplete = true;
      for (const { run, entry, isInherited = false } of entries) {
        runs.of(run).add(entry, isInherited);
        if (entry.kind === 'end') runs.forget(run);
      }
    },
    rested(run, { status, time }) {
      runs.of(run).rest(status, time);
      runs.forget(run);
    },
    async flush() {
      for (const run of runs.takeAll()) letGo(run);
      if (tracer === undefined) await (provider as Flushable).forceFlush?.();
    },
  };
}

/** The SDK's providers have this; the API's interface does not. */
interface Flushable {
  forceFlush?(): Promise<void>;
}

function letGo(run: RunTrace): void {
  run.isIncomplete = true;
  run.rest('unknown');
}
