// A client that no engine runs, and that gets from msw what was recorded of its live run.
import { setupServer } from 'msw/node';
import { fixtureHandlers } from '../../src/msw/index.ts';
import { perform } from './ask.ts';
import type { Situation } from './situations/situation.ts';
import { fixtureOf, patient } from './ways.ts';
import type { Result, World } from './ways.ts';

/** Starts msw in this process. */
export function startMocking(): (situation: Situation, world: World) => Promise<Result> {
  const server = setupServer();
  server.listen({ onUnhandledRequest: 'error' });
  return (situation, world) =>
    patient(async () => {
      server.resetHandlers(...(await fixtureHandlers(fixtureOf(world.folder, situation))));
      return { seen: await perform(world.client, situation, world.targets) };
    });
}
