// The door `reprise/http`: the HTTP of unchanged nodes as recorded effects.
export { httpEffects } from './http-effects.ts';
export type { HttpEffectsOptions, SentRequest } from './options/http-options.ts';
export { drawnValues } from '../../journal/http/drawn-values.ts';
export type { DrawnValue } from '../../journal/http/drawn-values.ts';
export { knownEndpoints } from '../../journal/http/outside-endpoints.ts';
export type { KnownEndpoint, OutsideOption } from '../../journal/http/outside-endpoints.ts';
