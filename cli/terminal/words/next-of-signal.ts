import type { RunSummary } from '../../../src/index.ts';
import { nextOfRun } from './next-of-run.ts';
import type { Continuing } from './next-of-run.ts';

/** `awaited`: the names of the signals that the run waited for when it was sent. */
export function nextOfSignal(
  run: RunSummary,
  name: string,
  awaited: readonly string[],
  continuing: Continuing,
): string {
  if (awaited.includes(name)) return nextOfRun(run, continuing);
  const others = awaited.map((other) => JSON.stringify(other)).join(', ');
  const waits = others === '' ? 'no node of the run waits for a signal now' : `the run waits for ${others} now`;
  return `  note: ${waits}; this one is kept until a node waits for ${JSON.stringify(name)}\n`;
}
