// The door `reprise/msw`: a recorded run as request handlers, for tests of code that no engine runs.
export { fixtureHandlers } from './fixture-handlers.ts';
export type { FixtureHandlersOptions } from './fixture-answers.ts';
export { fixtureBridge } from './fixture-bridge.ts';
