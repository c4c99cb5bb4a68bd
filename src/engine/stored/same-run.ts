// Whether a stored run is the one that a caller means who gives its id: one of the same graph, with the same input.
import { RepriseError } from '../../base/error.ts';
import { shortText } from '../../base/short-text.ts';
import type { Value } from '../../base/value.ts';
import { oneLine } from '../../base/visible-text.ts';
import { firstDifference } from '../../diff/value/value-difference.ts';
import { redactRequest } from '../../journal/redact/redact.ts';
import type { RunStore } from '../../port/store.ts';

/** @throws RepriseError `run-differs`, which names the first difference; `run-unknown` */
export async function checkSameRun(store: RunStore, runId: string, input: Value, graph: string): Promise<void> {
  for await (const entry of store.read(runId, 0, 2)) {
    if (entry.kind === 'run' && entry.graph.name !== graph) {
      const message = `run "${runId}" is of graph "${entry.graph.name}", not of "${graph}"`;
      throw differs(runId, message, { path: 'graph', existing: entry.graph.name, given: graph });
    }
    if (entry.kind === 'commit' && entry.input !== undefined) checkInput(runId, entry.input, input);
  }
}

function checkInput(runId: string, existing: Value, given: Value): void {
  const difference = firstDifference(existing, given, 'input');
  if (difference === undefined) return;
  const { path } = difference;
  const shown = firstDifference(redactRequest(existing), redactRequest(given), 'input');
  const message = `run "${runId}" was begun with another input: ${path}`;
  // Redaction makes two credentials alike.
  if (shown?.path !== path) throw differs(runId, `${message} differs, and is not shown`, { path });
  const { recorded, replayed } = shown;
  throw differs(runId, `${message} is ${valueText(recorded)}, and this call gives ${valueText(replayed)}`, {
    path,
    existing: recorded,
    given: replayed,
  });
}

function valueText(value: Value): string {
  return value === undefined ? 'absent' : oneLine(shortText(value));
}

function differs(runId: string, message: string, fields: Readonly<Record<string, unknown>>): RepriseError {
  return new RepriseError('run-differs', message, {
    nextStep: 'Choose another runId for another run. To attach, give the graph and the input that it began with.',
    fields: { runId, ...fields },
  });
}
