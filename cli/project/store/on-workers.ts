// What the commands say of nodes whose tasks run on workers.
import type { AnyGraph } from '../../../src/index.ts';
import type { CliIo } from '../../terminal/io.ts';
import { shellOption, shellWord } from '../../terminal/words/shell-word.ts';

export function nodesOnWorkers({ spec }: AnyGraph): readonly string[] {
  return [...spec.nodes.values()].filter(({ policy }) => policy.on === 'workers').map(({ name }) => name);
}

/** A run waits for workers, which somebody has to start. */
export function tellOfWorkers(
  graph: AnyGraph,
  named: { readonly graph?: string | undefined; readonly store?: string | undefined },
  io: CliIo,
): void {
  const nodes = nodesOnWorkers(graph);
  if (nodes.length === 0) return;
  const options = `${shellOption('--graph', named.graph)}${shellOption('--store', named.store)}`;
  const command = `npx reprise work --tasks ${nodes.map(shellWord).join(' ')}${options}`;
  io.writeTalk(
    `reprise: tasks of ${nodes.join(', ')} run on workers. If none lives, this run waits for one: ${command}\n`,
  );
}
