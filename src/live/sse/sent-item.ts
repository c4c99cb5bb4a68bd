// What of each item goes to a browser, and where the browser is told to continue.
//   S1. Nothing goes out that nobody chose: no state, no delta of a node, no text of an error, no path of the server.
//   S2. The id of the last event decides whether an `EventSource` gets more when it comes back.
import { restCursor } from '../../stream/journal/cursor.ts';

/** What every item of a stream has. */
export interface SentItem {
  readonly kind: string;
  readonly cursor: string;
}

interface SentRun {
  readonly id: string;
  readonly status: string;
  readonly steps: number;
  readonly questions?: readonly unknown[];
  readonly wakeAt?: number;
  readonly error?: { readonly code: string };
}

/** By default: chunks and what makes them void, questions, and the status of the run. */
export function standardSelect(item: SentItem): object | undefined {
  switch (item.kind) {
    case 'chunk':
    case 'reset':
    case 'snapshot':
    case 'question':
    case 'detached':
      return item;
    case 'done':
      return { ...item, run: statusOf(runOf(item)) };
    default:
      return undefined;
  }
}

/** How a run stands, without its state and its error's text. */
function statusOf(run: SentRun | undefined): SentRun | undefined {
  if (run === undefined) return undefined;
  const { id, status, steps, questions, wakeAt, error } = run;
  return {
    id,
    status,
    steps,
    ...(questions === undefined ? {} : { questions }),
    ...(wakeAt === undefined ? {} : { wakeAt }),
    ...(error === undefined ? {} : { error: { code: error.code } }),
  };
}

function runOf(item: SentItem): SentRun | undefined {
  return (item as { readonly run?: SentRun }).run;
}

/** A run that is paused or has failed waits for somebody, so a browser has nothing to come back for. */
export function idOf(item: SentItem): string {
  const status = runOf(item)?.status;
  return status === 'paused' || status === 'failed' ? restCursor(item.cursor) : item.cursor;
}

/** Whether no item follows. */
export function isLast({ kind }: SentItem): boolean {
  return kind === 'done' || kind === 'detached';
}

/** What may be over by the time a browser comes back. */
const passing: readonly string[] = ['engine-closed', 'store-closed', 'store-locked', 'lease-lost'];

const messages: Readonly<Record<string, string>> = {
  'run-unknown': 'there is no such run',
  'cursor-invalid': 'this is no place in the stream of this run',
};

export interface SentError {
  readonly kind: 'error';
  readonly code: string;
  readonly message: string;
}

/** The text of an error may name files, inputs and secrets of the server: its code goes out alone. */
export function sentError(thrown: unknown): SentError {
  const { code } = (thrown ?? {}) as { readonly code?: unknown };
  const known = typeof code === 'string' ? code : 'node-failed';
  return { kind: 'error', code: known, message: messages[known] ?? 'the stream has failed' };
}

/** The id of an error: none where the browser is to come back with the one that it has. */
export function errorId({ code }: SentError, last: string | undefined): string | undefined {
  return passing.includes(code) ? undefined : restCursor(last ?? '');
}
