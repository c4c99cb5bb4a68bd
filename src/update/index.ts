// The door `reprise/update`: changes of fixtures that are wanted.
export { updateFixture } from './update-fixture.ts';
export type { Updated, UpdateOptions } from './update-fixture.ts';
