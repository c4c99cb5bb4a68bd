import type { Run, RunStreamOf } from '../../src/index.ts';
import type { CliIo } from './io.ts';

/** Prints the items of a stream as they arrive: chunks as talk, or every item as a result, one line of JSON each. */
export async function printStream(
  stream: RunStreamOf<unknown, unknown, string>,
  form: 'text' | 'json line',
  io: CliIo,
): Promise<Run<unknown>> {
  for await (const item of stream) {
    if (form === 'json line') {
      // The run itself is printed last, by `reportRun`.
      if (item.kind !== 'done') io.writeOut(`${JSON.stringify({ version: 1, ...item })}\n`);
    } else if (item.kind === 'chunk') {
      io.writeTalk(`${item.key} ${item.node}: ${JSON.stringify(item.chunk)}\n`);
    } else if (item.kind === 'reset') {
      io.writeTalk(`${item.key} ${item.node}: discard its chunks from ${item.from} on\n`);
    }
  }
  return stream.result;
}
