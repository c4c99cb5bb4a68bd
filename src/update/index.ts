// The door `reprise/update`: changes of fixtures that are wanted.
export { sealFixture } from './seal-fixture.ts';
export type { SealVerdict } from './seal-fixture.ts';
export { updateFixture } from './update-fixture.ts';
export type { Updated, UpdateOptions } from './update-fixture.ts';
export { shrinkFixture } from './shrink/shrink-fixture.ts';
export type { ShrinkOptions, ShrunkFixture } from './shrink/shrink-fixture.ts';
