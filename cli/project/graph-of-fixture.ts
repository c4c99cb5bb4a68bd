import type { AnyGraph } from '../../src/index.ts';
import { openRun } from '../../src/replay/index.ts';
import type { Project } from './project.ts';

/** The graph that `--graph` names, else the one in the config that the fixture names. @throws RepriseError */
export async function graphOfFixture(path: string, given: string | undefined, project: Project): Promise<AnyGraph> {
  if (given !== undefined) return project.loadGraph(given);
  const opened = await openRun({ kind: 'fixture', path });
  opened.close();
  return project.loadGraphOfFixture(opened.run.graph.name);
}
