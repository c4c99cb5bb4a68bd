// Requests that look like those of `listed-endpoints.ts`, at hosts that nobody can know. A guess by method and path, so it is
// only ever advice: a project says itself which of its requests are no part of a run.
import type { Value } from '../../base/value.ts';
import { isRecordValue } from '../record-value.ts';
import { endpointPattern } from './endpoint-pattern.ts';
import type { EndpointKind } from './listed-endpoints.ts';

export interface LikelyOutside {
  readonly kind: EndpointKind;
  /** As `outside` takes it: `POST https://login.internal/oauth/token`. */
  readonly address: string;
}

const likely: readonly (readonly [kind: EndpointKind, methods: RegExp, path: RegExp])[] = [
  ['credential', /^(?:POST|PUT)$/, /\/(?:access[-_]?)?tokens?$|\/(?:oauth2?|oidc)\/(?:.*\/)?[a-z_-]*token[a-z_-]*$/i],
  ['credential', /^(?:POST|PUT)$/, /^\/v1\/auth\/[^/]+(?:\/[^/]+)*\/?login(?:\/[^/]+)?$|\/security-credentials\//i],
  ['telemetry', /^POST$/, /\/v1\/(?:traces|metrics|logs)$|\/(?:spans|traces|telemetry|ingestion|envelope\/?)$/i],
  ['telemetry', /^(?:POST|PUT)$/, /\/loki\/api\/v1\/push$|\/prom\/push$|\/metrics\/job\/|^\/v0\.\d\/traces$/i],
  ['telemetry', /^POST$/, /^\/(?:v\d\/)?(?:capture|track|identify|collect)\/?$|\/api\/v2\/(?:series|logs)$/i],
];

/** Undefined for a request that looks like one of a run. `request` is the identity of one. */
export function likelyOutside(request: Value): LikelyOutside | undefined {
  if (!isRecordValue(request)) return undefined;
  const { method, origin, path } = request;
  if (typeof method !== 'string' || typeof origin !== 'string' || typeof path !== 'string') return undefined;
  const [kind] = likely.find(([, methods, paths]) => methods.test(method) && paths.test(path)) ?? [];
  const address = `${method} ${origin === 'loopback' ? 'http://localhost' : origin}${path}`;
  // An alias of an origin is no address, and what a fixture says may be anything: this is printed to be pasted.
  const isAddress =
    /^[\x20-\x7e]+$/.test(address) && !/['`\\*]/.test(address) && endpointPattern(address) !== undefined;
  return kind === undefined || !isAddress ? undefined : { kind, address };
}
