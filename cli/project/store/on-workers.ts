// What the commands say of nodes whose tasks run on workers.
import type { AnyGraph } from '../../../src/index.ts';
import type { CliIo } from '../../terminal/io.ts';
import { shellWord } from '../../terminal/words/shell-word.ts';

export function nodesOnWorkers({ spec }: AnyGraph): readonly string[] {
  return [...spec.nodes.values()].filter(({ policy }) => policy.on === 'workers').map(({ name }) => name);
}

/** A run waits for workers, which somebody has to start. */
export function tellOfWorkers(graph: AnyGraph, io: CliIo): void {
  const nodes = nodesOnWorkers(graph);
  if (nodes.length === 0) return;
  const command = `npx reprise work --tasks ${nodes.map(shellWord).join(' ')}`;
  io.writeTalk(`reprise: tasks of ${nodes.join(', ')} run on workers, for which this run waits: ${command}\n`);
}
