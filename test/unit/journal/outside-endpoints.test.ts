import { describe, expect, it } from 'vitest';
import { endpointPattern } from '../../../src/journal/http/endpoint-pattern.ts';
import { listedEndpoints, listedEndpointsVersion } from '../../../src/journal/http/listed-endpoints.ts';
import { outsideEndpoint } from '../../../src/journal/http/outside-endpoints.ts';
import type { OutsideOption } from '../../../src/journal/http/outside-endpoints.ts';
import { placeholder } from '../../../src/journal/http/placeholder-answers.ts';
import { recordedRules, requestRules, unfollowedRules } from '../../../src/journal/http/request-rules.ts';

function found(request: string, outside: readonly OutsideOption[] = []): string | undefined {
  const [method = '', url = ''] = request.split(' ');
  return outsideEndpoint(requestRules({ outside }), { method, url: new URL(url) })?.name;
}

const listed = listedEndpoints();

describe('the listed endpoints', () => {
  it.each(listed)('$name says why, and by which addresses it is known', ({ name, why, kind, answers }) => {
    expect(name).toMatch(/^[a-z][a-z-]+$/);
    expect(why).not.toBe('');
    expect(answers.length).toBeGreaterThan(0);
    for (const [pattern, answer] of answers) {
      expect(endpointPattern(pattern)).toBeDefined();
      expect(pattern).toMatch(/^(?:GET|PUT|POST|PATCH) /);
      // Telemetry whose client reads an answer gets an empty one.
      const isEmpty = answer.status === 204 || /^\{("\w+":\[\],?)*\}$/.test(answer.body);
      expect(isEmpty).toBe(kind === 'telemetry' || answer.body === '{}');
    }
  });

  it('have names of their own, and no pattern twice', () => {
    expect(new Set(listed.map(({ name }) => name)).size).toBe(listed.length);
    const patterns = listed.flatMap(({ answers }) => answers.map(([pattern]) => pattern));
    expect(new Set(patterns).size).toBe(patterns.length);
  });

  it.each([
    ['POST http://collector.internal:4318/v1/traces', 'otlp'],
    ['POST http://127.0.0.1:4318/v1/logs', 'otlp'],
    ['POST https://api.honeycomb.io/v1/metrics', 'otlp'],
    ['PUT http://127.0.0.1:8126/v0.4/traces', 'datadog'],
    ['POST https://http-intake.logs.datadoghq.eu/api/v2/logs', 'datadog'],
    ['POST https://o12.ingest.us.sentry.io/api/45/envelope/?sentry_key=x', 'sentry'],
    ['POST https://api.smith.langchain.com/runs/multipart', 'langsmith'],
    ['PATCH https://api.smith.langchain.com/runs/0197', 'langsmith'],
    ['POST https://us.i.posthog.com/batch/', 'posthog'],
    ['POST https://cloud.langfuse.com/api/public/ingestion', 'langfuse'],
    ['POST https://oauth2.googleapis.com/token', 'google'],
    [
      'GET http://metadata.google.internal./computeMetadata/v1/instance/service-accounts/default/token',
      'google-metadata',
    ],
    ['PUT http://169.254.169.254/latest/api/token', 'aws-metadata'],
    ['GET http://169.254.169.254/latest/meta-data/iam/security-credentials/', 'aws-metadata'],
    ['GET http://169.254.169.254/metadata/identity/oauth2/token?resource=x', 'azure-metadata'],
    ['GET http://127.0.0.1:41056/msi/token/?resource=x', 'azure-metadata'],
    ['POST https://login.microsoftonline.com/tenant/oauth2/v2.0/token', 'microsoft-login'],
    ['POST https://api.github.com/app/installations/12/access_tokens', 'github-app'],
    ['POST https://acme.eu.auth0.com/oauth/token', 'identity-providers'],
    ['POST http://keycloak:8080/realms/acme/protocol/openid-connect/token', 'identity-providers'],
  ])('take %s for %s', (request, name) => {
    expect(found(request)).toBe(name);
  });

  it.each([
    'POST https://api.openai.com/v1/chat/completions',
    'POST https://api.acme.test/v1/traces',
    'POST https://api.acme.test/oauth/token',
    'GET https://api.smith.langchain.com/runs/0197',
    'POST https://api.smith.langchain.com/runs/query',
    'GET https://api.smith.langchain.com/commits/acme/prompt/latest',
    'GET https://cloud.langfuse.com/api/public/v2/prompts/x',
    'POST https://us.i.posthog.com/flags/?v=2',
    'GET https://api.datadoghq.com/api/v1/query',
    'GET https://sentry.io/api/0/projects/',
    'POST https://oai.helicone.ai/v1/chat/completions',
    'GET http://169.254.169.254/latest/meta-data/placement/region',
    'GET http://metadata.google.internal/computeMetadata/v1/project/project-id',
    'POST https://sts.eu-central-1.amazonaws.com/',
    'POST https://login.salesforce.com/services/oauth2/token',
    'POST https://evil.test/https://oauth2.googleapis.com/token',
    'POST https://oauth2.googleapis.com.evil.test/token',
    'POST https://oauth2.googleapis.com:8443/token',
    'POST http://oauth2.googleapis.com/token',
    'GET https://oauth2.googleapis.com/token',
  ])('leave %s to the run', (request) => {
    expect(found(request)).toBeUndefined();
  });

  it('are answered with placeholders that can be seen, and that do not expire', () => {
    const credentials = listed.filter(({ kind }) => kind === 'credential').flatMap(({ answers }) => answers);
    for (const [, { body }] of credentials) {
      const isProbe = body === '{}' || body === 'googleapis.com';
      const decoded = body.replaceAll(/[\w-]{20,}\.[\w-]{20,}\./g, (jwt) => Buffer.from(jwt, 'base64url').toString());
      if (!isProbe) expect(decoded).toContain(placeholder);
    }
  });
});

describe('what a project says', () => {
  const request = 'POST https://telemetry.internal/v1/spans';
  const sentry = 'POST https://o12.ingest.sentry.io/api/45/envelope/';

  it('adds, as telemetry or as what it says', () => {
    const rules = requestRules({
      outside: [
        'https://telemetry.internal/*',
        { url: 'POST https://login.internal/token', kind: 'credential', why: 'ours' },
        { url: 'https://vault.internal/login', kind: 'credential', answer: { auth: { client_token: 'x' } } },
      ],
    });
    const at = (url: string) => outsideEndpoint(rules, { method: 'POST', url: new URL(url) });
    expect(at('https://telemetry.internal/v1/spans')).toMatchObject({ kind: 'telemetry', answer: { status: 204 } });
    expect(JSON.parse(at('https://login.internal/token')?.answer.body ?? '')).toMatchObject({
      access_token: placeholder,
      token_type: 'Bearer',
    });
    expect(at('https://vault.internal/login')?.answer.body).toBe('{"auth":{"client_token":"x"}}');
    expect(rules.outside).not.toHaveProperty('more[1].why');
  });

  it('takes out by name, by address, or all of it', () => {
    expect(found(sentry)).toBe('sentry');
    expect(found(sentry, ['!sentry'])).toBeUndefined();
    expect(found(sentry, ['!otlp'])).toBe('sentry');
    expect(found(sentry, ['!https://o12.ingest.sentry.io/*'])).toBeUndefined();
    expect(found(sentry, ['!https://o13.ingest.sentry.io/*'])).toBe('sentry');
    expect(found(sentry, ['!*'])).toBeUndefined();
    expect(found(request, ['https://telemetry.internal/*', '!*'])).toBe('https://telemetry.internal/*');
    expect(found(request, ['https://telemetry.internal/*', '!POST https://*/v1/spans'])).toBeUndefined();
  });

  it('travels, and is not replaced by that of another engine', () => {
    const rules = requestRules({ outside: ['https://telemetry.internal/*', '!sentry'] });
    expect(rules.outside).toEqual({
      listed: listedEndpointsVersion,
      more: [{ url: 'https://telemetry.internal/*', kind: 'telemetry' }],
      without: ['sentry'],
    });
    const recorded = recordedRules({ semantics: 2, rules }, {});
    expect(unfollowedRules(recorded, requestRules({}))).toEqual([]);
    expect(unfollowedRules(recorded, rules)).toEqual([]);
    expect(unfollowedRules(recorded, requestRules({ outside: ['!sentry'] }))).toEqual(['outside']);
  });

  it('does not reach runs that began before there was such a list', () => {
    const url = new URL('https://oauth2.googleapis.com/token');
    for (const rules of [undefined, { headers: 1 }, { headers: 1, outside: { listed: 0 } }])
      expect(outsideEndpoint(rules, { method: 'POST', url })).toBeUndefined();
    expect(recordedRules({ semantics: 1 }, { outside: ['https://telemetry.internal/*'] })).toEqual({ headers: 0 });
  });
});
