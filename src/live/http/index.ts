// The door `reprise/http`: the HTTP of unchanged nodes as recorded effects.
export { httpEffects } from './http-effects.ts';
export type { HttpEffectsOptions, SentRequest } from './http-options.ts';
