import { describe, expect, it } from 'vitest';
import { outsideStep } from '../../../src/diff/cause/outside-step.ts';
import { likelyOutside } from '../../../src/journal/http/likely-outside.ts';

function found(request: string): string | undefined {
  const [method = '', address = ''] = request.split(' ');
  const [, origin, path] = /^(\w+:\/\/[^/]+|\w+)(\/.*)$/.exec(address) ?? [];
  return likelyOutside({ method, origin, path, query: [] })?.kind;
}

describe('a request that looks like one that is no part of a run', () => {
  it.each([
    'POST https://login.internal/oauth/token',
    'POST https://login.internal/oauth2/v1/token',
    'POST https://login.internal/tenant/oauth2/token',
    'POST https://sso.internal/realms/desk/protocol/openid-connect/token',
    'POST https://api.internal/access_token',
    'POST https://api.internal/v2/access-tokens',
    'POST https://vault.internal/v1/auth/approle/login',
    'PUT loopback/latest/api/token',
  ])('a credential: %s', (request) => expect(found(request)).toBe('credential'));

  it.each([
    'POST loopback/v1/traces',
    'POST https://collector.internal/v1/metrics',
    'POST https://zipkin.internal/api/v2/spans',
    'POST https://sentry.internal/api/4/envelope/',
    'POST https://loki.internal/loki/api/v1/push',
    'POST https://langfuse.internal/api/public/ingestion',
  ])('telemetry: %s', (request) => expect(found(request)).toBe('telemetry'));

  it.each([
    'GET https://api.internal/v1/tokens',
    'POST https://api.openai.com/v1/chat/completions',
    'POST https://api.internal/v1/messages/count_tokens',
    'POST https://api.internal/orders/track-parcel',
    'POST https://api.internal/tokenize',
    'GET https://api.internal/v1/traces',
    'POST https://api.internal/logs/search',
    'POST openai/oauth/token',
  ])('none of these: %s', (request) => expect(found(request)).toBeUndefined());

  it('nothing that could not be pasted as it is printed', () => {
    const of = (path: string): unknown => likelyOutside({ method: 'POST', origin: 'https://a.internal', path });
    expect(of('/oauth/token')).toEqual({ kind: 'credential', address: 'POST https://a.internal/oauth/token' });
    for (const path of [
      "/a'b/oauth/token",
      '/\u001b[2J/oauth/token',
      '/a b/oauth/token',
      '/`id`/oauth/token',
      '/*/oauth/token',
    ])
      expect(of(path)).toBeUndefined();
  });

  it('with the entry that names it', () => {
    const of = (path: string): string | undefined => outsideStep({ method: 'POST', origin: 'loopback', path });
    expect(of('/v1/traces')).toContain(
      'telemetry, which is sent or not by what the process did before: if so, name it in `outside`',
    );
    expect(of('/v1/traces')).toContain("('POST http://localhost/v1/traces')");
    expect(of('/oauth/token')).toContain("({ url: 'POST http://localhost/oauth/token', kind: 'credential' })");
    expect(of('/orders')).toBeUndefined();
  });
});
