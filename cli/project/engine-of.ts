// An engine on a SQLite file for a graph that a command names.
import { RepriseError, createEngine } from '../../src/index.ts';
import type { AnyGraph, Engine, Run, RunStreamOf } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import type { LoadedConfig } from './config.ts';
import type { CliIo } from '../terminal/io.ts';
import { startProgress } from '../terminal/progress.ts';

export type AnyEngine = Engine<unknown, unknown>;

export function engineOf(
  graph: AnyGraph,
  store: string,
  config: LoadedConfig,
  limits: { readonly maxConcurrent?: number } = {},
): AnyEngine {
  return createEngine(graph, {
    store: sqliteStore(store),
    effects: [httpEffects(config.origins === undefined ? {} : { origins: config.origins })],
    ...limits,
  }) as unknown as AnyEngine;
}

/** Drives one run, until Ctrl-C lets go of it. */
export async function driven(
  engine: AnyEngine,
  what: string,
  io: CliIo,
  start: () => PromiseLike<Run<unknown>>,
): Promise<Run<unknown>> {
  const stopListening = io.onInterrupt(() => void engine.close());
  const progress = startProgress(io, what);
  try {
    return await start();
  } catch (thrown) {
    throw inWordsOfTheShell(thrown);
  } finally {
    progress.done();
    stopListening();
  }
}

/** What the engine tells a program to do about a run id that is taken is not what a command can do. */
function inWordsOfTheShell(thrown: unknown): unknown {
  if (!(thrown instanceof RepriseError) || thrown.code !== 'run-exists') return thrown;
  return new RepriseError('run-exists', thrown.message, {
    nextStep:
      'Choose another --run-id, or leave it out to have one made up. `reprise list` shows those that are taken.',
    cause: thrown,
    fields: thrown.fields,
  });
}

/** Prints what a stream gives as it comes: a line a chunk, or where it is text, the text itself. */
export async function printed(
  stream: RunStreamOf<unknown, unknown, string>,
  isJson: boolean,
  io: CliIo,
): Promise<Run<unknown>> {
  for await (const item of stream) {
    if (isJson) {
      const { kind } = item;
      if (kind !== 'done') io.writeOut(`${JSON.stringify({ version: 1, ...item })}\n`);
    } else if (item.kind === 'chunk') io.writeTalk(`${item.key} ${item.node}: ${JSON.stringify(item.chunk)}\n`);
    else if (item.kind === 'reset')
      io.writeTalk(`${item.key} ${item.node}: what it gave from ${item.from} on is void\n`);
  }
  return stream.result;
}
