import { RepriseError } from '../../src/index.ts';
import { installPlaceholders } from '../../src/replay/index.ts';
import type { OpenRun } from '../../src/replay/index.ts';
import { mermaidText } from '../../src/report/index.ts';
import type { RunPath } from '../../src/report/index.ts';
import type { ExitCode } from '../terminal/io.ts';
import type { CliCommand, CommandContext } from './command.ts';
import { graphArgument, storeOption } from './shared-options.ts';

interface GraphArguments {
  readonly run?: string;
  readonly store?: string;
}

export const graphCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Print a graph as a Mermaid diagram')
      .description('Print a graph as a Mermaid diagram, optionally with the path that a run took.')
      .argument(...graphArgument)
      .option('--run <run>', 'Mark the path of this run: a fixture, or the ID of a stored run')
      .option(...storeOption)
      .addHelpText('after', '\nExample:\n  $ npx reprise graph src/desk.ts#desk --run desk-1'),
  run: draw,
};

async function draw(context: CommandContext, name: string, given: GraphArguments): Promise<ExitCode> {
  const project = await context.openProject();
  installPlaceholders(project.config.env);
  const graph = await project.loadGraph(name);
  let path: RunPath | undefined;
  if (given.run !== undefined) {
    const opened = await project.openRun(given.run, project.storePath(given.store));
    try {
      checkGraph(opened, given.run, graph.name);
      path = await pathOf(opened);
    } finally {
      opened.close();
    }
  }
  context.io.writeOut(mermaidText(graph.spec.description, path));
  return 0;
}

function checkGraph({ run }: OpenRun, name: string, graph: string): void {
  if (run.graph.name === graph) return;
  throw new RepriseError('fixture-other-graph', `${name} is a run of graph "${run.graph.name}", not "${graph}"`, {
    nextStep: 'Name the graph of the run.',
  });
}

/** The steps in which each node of the graph itself ran, leaving out those of nested graphs. */
async function pathOf(opened: OpenRun): Promise<RunPath> {
  const path = new Map<string, number[]>();
  for await (const { step, entries } of opened.steps) {
    for (const entry of entries) {
      if (entry.kind !== 'outcome' || entry.at.includes('/')) continue;
      const steps = path.get(entry.node) ?? [];
      if (steps.at(-1) !== step) steps.push(step);
      path.set(entry.node, steps);
    }
  }
  return path;
}
