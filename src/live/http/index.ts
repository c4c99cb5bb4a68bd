// The door `reprise/http`: HTTP of unchanged nodes as recorded effects.
export { httpEffects } from './http-effects.ts';
export type { HttpEffectsOptions } from './http-effects.ts';
