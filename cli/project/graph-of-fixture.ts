import type { AnyGraph } from '../../src/index.ts';
import { openRun } from '../../src/replay/index.ts';
import type { Project } from './project.ts';

/** `given`: the graph that was named; otherwise the one whose name the fixture has. */
export async function graphOfFixture(path: string, given: string | undefined, project: Project): Promise<AnyGraph> {
  return (await graphMakerOf(path, given, project))();
}

/** Makes it again and again, from whatever modules the project loads then. */
export async function graphMakerOf(
  path: string,
  given: string | undefined,
  project: Project,
): Promise<() => Promise<AnyGraph>> {
  if (given !== undefined) return () => project.loadGraph(given);
  const opened = await openRun({ kind: 'fixture', path });
  opened.close();
  const { name } = opened.run.graph;
  return () => project.loadGraphOfFixture(name);
}
