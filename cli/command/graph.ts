import { RepriseError } from '../../src/index.ts';
import { mermaidText } from '../../src/report/index.ts';
import type { RunPath } from '../../src/report/index.ts';
import { loadConfig } from '../project/config.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import { loadGraph } from '../project/load-graph.ts';
import type { AddCommand } from './command.ts';
import { openNamed } from '../project/stored-run.ts';
import { storePath } from '../project/store-path.ts';

interface GraphArguments {
  readonly run?: string;
  readonly store?: string;
}

export const graphCommand: AddCommand = (program, io, finish) => {
  program
    .command('graph')
    .description('a graph as Mermaid, with the path of a run marked if one is given')
    .argument('<graph>', 'a name of the config, or path/to/module.ts#export')
    .option('--run <run>', 'a fixture, or the id of a stored run')
    .option('--store <file>', 'the SQLite file for a run id; by default that of the config, or runs.db')
    .addHelpText('after', '\nExample:\n  $ reprise graph src/desk.ts#desk --run desk-1')
    .action(async (graph: string, given: GraphArguments) => finish(await draw(graph, given, io)));
};

async function draw(name: string, given: GraphArguments, io: CliIo): Promise<ExitCode> {
  const config = await loadConfig(io.cwd);
  const graph = await loadGraph(name, config, io.cwd);
  const path =
    given.run === undefined
      ? undefined
      : await pathOf(given.run, graph.name, storePath(given.store, config, io.cwd), io.cwd);
  io.writeOut(mermaidText(graph.spec.description, path));
  return 0;
}

async function pathOf(name: string, graph: string, store: string, cwd: string): Promise<RunPath> {
  const opened = await openNamed(name, store, cwd);
  const path = new Map<string, number[]>();
  try {
    if (opened.run.graph.name !== graph) {
      throw new RepriseError(
        'fixture-other-graph',
        `${name} is a run of graph "${opened.run.graph.name}", not "${graph}"`,
        { nextStep: 'Name the graph of the run.' },
      );
    }
    for await (const { step, entries } of opened.steps) {
      for (const entry of entries) {
        if (entry.kind !== 'outcome' || entry.at.includes('/')) continue;
        const steps = path.get(entry.node) ?? [];
        if (steps.at(-1) !== step) steps.push(step);
        path.set(entry.node, steps);
      }
    }
  } finally {
    opened.close();
  }
  return path;
}
