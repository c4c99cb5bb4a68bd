// A log for the person on call: which runs began and how they ended, which attempts failed or were retried, and what
// nodes reported. One JSON object per line.
import { functionOf, trueOrFalse, wholeNumber } from '../base/options/option-kind.ts';
import { checkArgument, checkOptions, noOptions, optionShape } from '../base/options/option-shape.ts';
import { encodeValue } from '../base/encode.ts';
import type { Entry } from '../journal/entry.ts';
import { attemptNumber } from '../journal/key.ts';
import { redactRequest } from '../journal/redact/redact.ts';
import type { ObservedEntry, RunObserver } from '../port/observer.ts';
import { observedError } from './observed-error.ts';

/** What `jsonLog` writes, and how far it may fall behind. Without options the lines leave out what nodes emit. */
export interface JsonLogOptions {
  /** Whether the lines of events include the emitted data, with credentials redacted; false by default. */
  readonly eventData?: boolean;
  /** As for any observer: how many entries may wait; 1,000 by default. */
  readonly maxPending?: number;
}

export const logOptions = optionShape<JsonLogOptions>('jsonLog', {
  eventData: trueOrFalse,
  maxPending: wholeNumber({ least: 1 }),
});

type Line = { readonly [name: string]: unknown };

/**
 * An observer that writes a line of JSON for each notable event: a run began, ended, paused or was interrupted; an
 * attempt failed or was retried; a node emitted an event; a fixture was written or dropped. No line holds a request, an answer,
 * a state or an input.
 *
 * ```ts
 * import { createEngine, fields, graph } from 'reprise';
 * import { jsonLog } from 'reprise/observe';
 *
 * const lines: string[] = [];
 * const engine = createEngine(
 *   graph('greet', { state: fields({}) }).node('hello', (_state, { emit }) => emit('greeted', { who: 'you'
 *   })).start('hello').build(), { observers: [jsonLog((line) => lines.push(line))] },
 * );
 * await engine.run({});
 * await engine.close();
 * console.log(lines.map((line) => JSON.parse(line).what).join(', ')); // run-began, event, run-ended
 * ```
 *
 * @throws RepriseError `option-invalid`
 */
export function jsonLog(write: (line: string) => void, options: JsonLogOptions = noOptions): RunObserver {
  checkArgument('jsonLog', 'write', functionOf('a function that takes a line'), write);
  checkOptions(logOptions, options);
  const { eventData = false, maxPending } = options;
  const writeLine = (line: Line): void => write(`${JSON.stringify(line)}\n`);
  return {
    name: 'jsonLog',
    ...(maxPending === undefined ? {} : { maxPending }),
    observe(entries, { dropped }) {
      if (dropped > 0) writeLine({ what: 'entries-dropped', count: dropped });
      for (const observed of entries) for (const line of linesOf(observed, eventData)) writeLine(line);
    },
    rested: ({ runId, graph }, { status, time }) =>
      writeLine({ time: isoTime(time), what: `run-${status}`, runId, graph }),
    recorded: ({ runId, graph }, { status, time, ...facts }) =>
      writeLine({ time: isoTime(time), what: recordingWords[status], runId, graph, ...facts }),
  };
}

const recordingWords = {
  recorded: 'run-recorded',
  'not-recorded': 'run-not-recorded',
  failed: 'recording-failed',
} as const;

function linesOf({ run: { runId, graph }, entry, isInherited }: ObservedEntry, hasData: boolean): readonly Line[] {
  if (isInherited === true) return [];
  return factsOf(entry, hasData).map(({ time, what, ...facts }) => ({ time, what, runId, graph, ...facts }));
}

function factsOf(entry: Entry, hasData: boolean): readonly Line[] {
  switch (entry.kind) {
    case 'run': {
      const { time, parent, terms } = entry.observed;
      const labels = terms?.labels === undefined ? {} : { labels: terms.labels };
      return [{ time: isoTime(time), what: 'run-began', ...labels, ...(parent === undefined ? {} : { parent }) }];
    }
    case 'event': {
      const { at, name, stream, ordinal, data } = entry;
      const what = { time: isoTime(entry.observed.time), what: 'event', key: at, name };
      return [
        {
          ...what,
          ...(stream === '' ? {} : { stream }),
          ordinal,
          ...(hasData ? { data: encodeValue(redactRequest(data)) } : {}),
        },
      ];
    }
    case 'outcome': {
      const { at, node, result, observed } = entry;
      const times = { began: isoTime(observed.began), ms: observed.ended - observed.began };
      const base = { time: isoTime(observed.ended), key: at, node };
      const lines: Line[] = [];
      if (attemptNumber(at) > 1) lines.push({ ...base, time: times.began, what: 'attempt-retried' });
      if (result.status !== 'done')
        lines.push({ ...base, what: `attempt-${result.status}`, ...times, error: observedError(result.error) });
      return lines;
    }
    case 'stop': {
      const { at, node, why, observed } = entry;
      return [{ time: isoTime(observed.time), what: 'attempt-stopped', key: at, node, why }];
    }
    case 'end': {
      const { step, end, observed } = entry;
      const base = { time: isoTime(observed.time), what: 'run-ended', status: end.status, steps: step };
      if (end.status === 'failed')
        return [{ ...base, ...(end.task === undefined ? {} : { key: end.task }), error: observedError(end.error) }];
      if (end.status === 'done' || end.reason === undefined) return [base];
      return [{ ...base, reason: observedError(end.reason).message }];
    }
    default:
      return [];
  }
}

function isoTime(time: number): string {
  return new Date(time).toISOString();
}
