// The endpoints that are no part of a run unless it says otherwise: what watches a program, and what lets it in
// somewhere. Which task first sends a batch of traces, or first finds that a token has run out, depends on what else the
// process did, so recording it would make replays differ for no reason of the run's.
//   E1. A released version never changes: recorded runs name the one that they were made by.
//   E2. A request that is wrongly taken for one of these is missing from its recording, which is worse than one too many.
//       So each is matched by method, host and path, and nothing is listed whose answer a run could act on.
// Not listed, each for a reason: feature flags, prompts and data sets of the same vendors (a run acts on them); token
// endpoints at hosts that nobody can know, such as `/oauth/token` anywhere, and those whose answer holds more than a
// token (Salesforce names the host to use); AWS STS and Cognito, whose operations share one address; project, region and
// tags in cloud metadata (they become part of requests). A project adds its own (`outside`).
import {
  aws,
  azureIdentity,
  githubInstallation,
  google,
  ibmToken,
  noContent,
  oauthToken,
  taken,
} from './placeholder-answers.ts';
import type { PlaceholderAnswer } from './placeholder-answers.ts';

export type EndpointKind = 'telemetry' | 'credential';

export interface ListedEndpoint {
  /** How a project takes it out again: `outside: ['!sentry']`. */
  readonly name: string;
  readonly kind: EndpointKind;
  readonly why: string;
  /** By pattern (`endpoint-pattern.ts`). The first one that fits counts. */
  readonly answers: readonly (readonly [pattern: string, answer: PlaceholderAnswer])[];
}

/** The version that new runs are recorded with. */
export const listedEndpointsVersion = 1;

function telemetry(name: string, why: string, ...patterns: readonly string[]): ListedEndpoint {
  return { name, kind: 'telemetry', why, answers: patterns.map((pattern) => [pattern, noContent]) };
}

function tokens(name: string, why: string, ...patterns: readonly string[]): ListedEndpoint {
  return { name, kind: 'credential', why, answers: patterns.map((pattern) => [pattern, oauthToken]) };
}

const signals = ['traces', 'metrics', 'logs'];
const otlpHosts = [
  'api.honeycomb.io',
  'api.eu1.honeycomb.io',
  'otlp.nr-data.net',
  'otlp.eu01.nr-data.net',
  'gov-otlp.nr-data.net',
  'api.axiom.co',
  'logfire-us.pydantic.dev',
  'logfire-eu.pydantic.dev',
  'logfire-api.pydantic.dev',
  'in-otel.hyperdx.io',
  'ingest.*.signoz.cloud',
  '*.ingest.*.elastic.cloud',
  '*.apm.*.elastic-cloud.com',
  'api.traceloop.com',
  'otlp.arize.com',
  'otlp.eu-west-1a.arize.com',
  'app.phoenix.arize.com',
  'ingest.lightstep.com',
];

const datadogSites = [
  'datadoghq.com',
  'us3.datadoghq.com',
  'us5.datadoghq.com',
  'ap1.datadoghq.com',
  'ap2.datadoghq.com',
  'datadoghq.eu',
  'ddog-gov.com',
];
const posthogPaths = ['capture/', 'capture', 'batch/', 'batch', 'e/', 'i/v0/e/', 's/'];
const langfuseHosts = [
  'cloud.langfuse.com',
  'us.cloud.langfuse.com',
  'hipaa.cloud.langfuse.com',
  'jp.cloud.langfuse.com',
];
const langsmithHosts = ['api.smith.langchain.com', 'eu.api.smith.langchain.com'];
const amplitudeHosts = ['api2.amplitude.com', 'api.eu.amplitude.com', 'api.amplitude.com'];

const telemetryEndpoints: readonly ListedEndpoint[] = [
  telemetry(
    'otlp',
    'traces, metrics and logs of OpenTelemetry: the port of its collectors, and vendors that take them',
    ...signals.map((signal) => `POST *://*:4318/v1/${signal}`),
    ...otlpHosts.flatMap((host) => signals.map((signal) => `POST https://${host}/v1/${signal}`)),
    ...signals.map((signal) => `POST https://otlp-gateway-*.grafana.net/otlp/v1/${signal}`),
    ...signals.map((signal) => `POST https://api.braintrust.dev/otel/v1/${signal}`),
    ...langsmithHosts.map((host) => `POST https://${host}/otel/v1/traces`),
    ...langfuseHosts.map((host) => `POST https://${host}/api/public/otel/v1/traces`),
    'POST https://*.live.dynatrace.com/api/v2/otlp/v1/*',
  ),
  telemetry(
    'datadog',
    'traces to the agent of Datadog on this machine; metrics, logs and spans to its intakes',
    ...['v0.3', 'v0.4', 'v0.5', 'v1.0'].flatMap((version) =>
      ['PUT', 'POST'].map((method) => `${method} http://localhost:8126/${version}/traces`),
    ),
    'POST http://localhost:8126/telemetry/proxy/*',
    'POST http://localhost:8126/profiling/v1/input',
    'POST http://localhost:8126/evp_proxy/*',
    ...datadogSites.flatMap((site) => [
      `POST https://api.${site}/api/v1/series`,
      `POST https://api.${site}/api/v2/series`,
      `POST https://api.${site}/api/v1/distribution_points`,
      `POST https://http-intake.logs.${site}/api/v2/logs`,
      `POST https://http-intake.logs.${site}/v1/input*`,
      `POST https://trace.agent.${site}/*`,
      `POST https://llmobs-intake.${site}/*`,
      `POST https://instrumentation-telemetry-intake.${site}/*`,
    ]),
  ),
  telemetry(
    'sentry',
    'errors, traces and sessions to Sentry',
    ...['sentry.io', 'us.sentry.io', 'de.sentry.io'].flatMap((host) => [
      `POST https://*.ingest.${host}/api/*/envelope/`,
      `POST https://*.ingest.${host}/api/*/store/`,
    ]),
    'POST http://localhost:8969/stream',
  ),
  {
    name: 'langsmith',
    kind: 'telemetry',
    why: 'traces of runs to LangSmith; its prompts, data sets and queries are data',
    answers: langsmithHosts.flatMap((host): ListedEndpoint['answers'] => [
      [`POST https://${host}/runs`, noContent],
      [`PATCH https://${host}/runs/*`, noContent],
      [`POST https://${host}/runs/batch`, noContent],
      [`POST https://${host}/runs/multipart`, noContent],
      [`GET https://${host}/info`, taken.nothing],
    ]),
  },
  telemetry(
    'posthog',
    'events to PostHog; its feature flags are data',
    ...['us.i.posthog.com', 'eu.i.posthog.com', 'app.posthog.com', 'eu.posthog.com'].flatMap((host) =>
      posthogPaths.map((path) => `POST https://${host}/${path}`),
    ),
  ),
  {
    name: 'langfuse',
    kind: 'telemetry',
    why: 'traces and scores to Langfuse; its prompts are data',
    answers: langfuseHosts.map((host) => [`POST https://${host}/api/public/ingestion`, taken.batch]),
  },
  telemetry(
    'helicone',
    'logs that are sent to Helicone after a call; calls through its gateway are calls',
    'POST https://api.worker.helicone.ai/*/v1/log',
    'POST https://api.hconeai.com/*/v1/log',
    'POST https://api.helicone.ai/v1/trace/log',
    'POST https://api.us.helicone.ai/v1/trace/log',
    'POST https://eu.api.helicone.ai/v1/trace/log',
  ),
  telemetry(
    'honeycomb',
    'events to Honeycomb',
    ...['api.honeycomb.io', 'api.eu1.honeycomb.io'].flatMap((host) => [
      `POST https://${host}/1/events/*`,
      `POST https://${host}/1/batch/*`,
    ]),
  ),
  telemetry(
    'new-relic',
    'what the agent of New Relic collects, and its metric, trace, event and log APIs',
    ...['collector.newrelic.com', 'collector.eu01.nr-data.net', 'collector-*.newrelic.com'].map(
      (host) => `POST https://${host}/agent_listener/invoke_raw_method`,
    ),
    ...['', 'eu.'].flatMap((region) => [
      `POST https://metric-api.${region}newrelic.com/metric/v1`,
      `POST https://trace-api.${region}newrelic.com/trace/v1`,
      `POST https://log-api.${region}newrelic.com/log/v1`,
    ]),
    'POST https://insights-collector.newrelic.com/v1/accounts/*/events',
    'POST https://insights-collector.eu01.nr-data.net/v1/accounts/*/events',
  ),
  telemetry(
    'segment',
    'events to Segment',
    ...['batch', 'track', 'identify', 'page', 'screen', 'group', 'alias'].flatMap((path) => [
      `POST https://api.segment.io/v1/${path}`,
      `POST https://events.eu1.segmentapis.com/v1/${path}`,
    ]),
  ),
  telemetry(
    'mixpanel',
    'events and profiles to Mixpanel; its exports are data',
    ...['api.mixpanel.com', 'api-eu.mixpanel.com', 'api-in.mixpanel.com'].flatMap((host) =>
      ['track', 'track/', 'engage', 'engage/', 'groups', 'groups/', 'import', 'import/'].map(
        (path) => `POST https://${host}/${path}`,
      ),
    ),
  ),
  telemetry(
    'amplitude',
    'events to Amplitude',
    ...amplitudeHosts.flatMap((host) => [`POST https://${host}/2/httpapi`, `POST https://${host}/batch`]),
  ),
  telemetry(
    'rudderstack',
    'events to RudderStack',
    'POST https://*.dataplane.rudderstack.com/v1/batch',
    'POST https://*.dataplane.rudderstack.com/v1/track',
  ),
  telemetry(
    'statsig-events',
    'exposure events to Statsig; its flags are data',
    'POST https://events.statsigapi.net/v1/*',
  ),
  telemetry(
    'azure-monitor',
    'telemetry to Application Insights',
    'POST https://*.in.applicationinsights.azure.com/v2/track',
    'POST https://*.in.applicationinsights.azure.com/v2.1/track',
    'POST https://dc.services.visualstudio.com/v2/track',
    'POST https://*.livediagnostics.monitor.azure.com/QuickPulseService.svc/*',
  ),
  telemetry(
    'google-cloud-observability',
    'log entries, metrics and spans to Google Cloud',
    'POST https://logging.googleapis.com/v2/entries:write',
    'POST https://monitoring.googleapis.com/v3/projects/*/timeSeries',
    'POST https://cloudtrace.googleapis.com/v2/projects/*/traces:batchWrite',
    'POST https://telemetry.googleapis.com/v1/*',
  ),
  telemetry(
    'better-stack',
    'logs to Better Stack',
    'POST https://in.logs.betterstack.com/',
    'POST https://*.betterstackdata.com/',
  ),
  telemetry(
    'error-trackers',
    'errors to Bugsnag, Rollbar, Honeybadger and Airbrake',
    'POST https://notify.bugsnag.com/',
    'POST https://sessions.bugsnag.com/',
    'POST https://api.rollbar.com/api/1/item/',
    'POST https://api.honeybadger.io/v1/notices*',
    'POST https://api.honeybadger.io/v1/events',
    'POST https://api.airbrake.io/api/v3/projects/*/notices',
  ),
  telemetry(
    'loki',
    'logs to Loki, and profiles and metrics beside them',
    'POST https://logs-prod-*.grafana.net/loki/api/v1/push',
    'POST https://prometheus-prod-*.grafana.net/api/prom/push',
    'POST http://localhost:3100/loki/api/v1/push',
    'POST http://localhost:9091/metrics/job/*',
    'PUT http://localhost:9091/metrics/job/*',
  ),
];

const credentialEndpoints: readonly ListedEndpoint[] = [
  {
    name: 'google',
    kind: 'credential',
    why: 'access and identity tokens of Google: OAuth, workload identity, service accounts',
    answers: [
      ['POST https://oauth2.googleapis.com/token', google.token],
      ['POST https://www.googleapis.com/oauth2/v4/token', google.token],
      ['POST https://accounts.google.com/o/oauth2/token', google.token],
      ['POST https://sts.googleapis.com/v1/token', google.token],
      [
        'POST https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/*:generateAccessToken',
        google.accessToken,
      ],
      [
        'POST https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/*:generateIdToken',
        google.identityToken,
      ],
    ],
  },
  {
    name: 'google-metadata',
    kind: 'credential',
    why: 'tokens from the metadata server of Google Cloud, and the question whether there is one',
    answers: ['169.254.169.254', 'metadata.google.internal', 'metadata.google.internal.', 'metadata'].flatMap(
      (host): ListedEndpoint['answers'] => {
        const root = `GET http://${host}/computeMetadata/v1`;
        return [
          [`${root}/instance`, google.instance],
          [`${root}/instance/service-accounts/*/token`, google.metadataToken],
          [`${root}/instance/service-accounts/*/identity`, google.identity],
          [`${root}/universe/universe-domain`, google.universe],
        ];
      },
    ),
  },
  {
    name: 'aws-metadata',
    kind: 'credential',
    why: 'the role of an instance, a container or a pod on AWS',
    answers: [
      ...['169.254.169.254', '[fd00:ec2::254]'].flatMap((host): ListedEndpoint['answers'] => [
        [`PUT http://${host}/latest/api/token`, aws.session],
        [`GET http://${host}/latest/meta-data/iam/security-credentials/`, aws.role],
        [`GET http://${host}/latest/meta-data/iam/security-credentials/*`, aws.keys],
      ]),
      ['GET http://169.254.170.2/v2/credentials/*', aws.keys],
      ['GET http://169.254.170.2/v2/credentials*', aws.keys],
      ['GET http://169.254.170.23/v1/credentials', aws.keys],
      ['GET http://[fd00:ec2::23]/v1/credentials', aws.keys],
    ],
  },
  {
    name: 'aws-sso',
    kind: 'credential',
    why: 'keys and tokens of AWS IAM Identity Center',
    answers: [
      ['GET https://portal.sso.*.amazonaws.com/federation/credentials', aws.portal],
      ['POST https://oidc.*.amazonaws.com/token', aws.portalToken],
    ],
  },
  {
    name: 'azure-metadata',
    kind: 'credential',
    why: 'managed identities of Azure: machines, App Service, container apps',
    answers: [
      ['GET http://169.254.169.254/metadata/identity/oauth2/token', azureIdentity],
      ['GET http://localhost/msi/token', azureIdentity],
      ['GET http://localhost/msi/token/', azureIdentity],
    ],
  },
  tokens(
    'microsoft-login',
    'tokens of Microsoft Entra',
    ...[
      'login.microsoftonline.com',
      'login.microsoftonline.us',
      'login.partner.microsoftonline.cn',
      'login.windows.net',
    ].flatMap((host) => [`POST https://${host}/*/oauth2/v2.0/token`, `POST https://${host}/*/oauth2/token`]),
    'POST https://*.ciamlogin.com/*/oauth2/v2.0/token',
  ),
  {
    name: 'github-app',
    kind: 'credential',
    why: 'tokens of a GitHub app, and of a login with GitHub',
    answers: [
      ['POST https://api.github.com/app/installations/*/access_tokens', githubInstallation],
      ['POST https://github.com/login/oauth/access_token', oauthToken],
    ],
  },
  {
    name: 'ibm-cloud',
    kind: 'credential',
    why: 'tokens of IBM Cloud, for watsonx',
    answers: [['POST https://iam.cloud.ibm.com/identity/token', ibmToken]],
  },
  tokens(
    'identity-providers',
    'tokens of Auth0, Okta, Cognito, OneLogin, Ping, XSUAA, and of Keycloak anywhere',
    'POST https://*.auth0.com/oauth/token',
    ...['okta.com', 'oktapreview.com', 'okta-emea.com'].flatMap((host) => [
      `POST https://*.${host}/oauth2/v1/token`,
      `POST https://*.${host}/oauth2/*/v1/token`,
    ]),
    'POST https://*.auth.*.amazoncognito.com/oauth2/token',
    'POST https://*.onelogin.com/oidc/2/token',
    'POST https://auth.pingone.*/*/as/token',
    'POST https://*.authentication.*.hana.ondemand.com/oauth/token',
    'POST *://*:*/realms/*/protocol/openid-connect/token',
    'POST *://*:*/auth/realms/*/protocol/openid-connect/token',
  ),
  tokens(
    'api-logins',
    'tokens of services whose answer holds nothing else that a run could use',
    'POST https://auth.atlassian.com/oauth/token',
    'POST https://api.hubapi.com/oauth/v1/token',
    'POST https://api.dropboxapi.com/oauth2/token',
    'POST https://api.box.com/oauth2/token',
    'POST https://accounts.spotify.com/api/token',
    'POST https://id.twitch.tv/oauth2/token',
    'POST https://*.databricks.com/oidc/v1/token',
    'POST https://*.azuredatabricks.net/oidc/v1/token',
    'POST https://api-m.paypal.com/v1/oauth2/token',
    'POST https://api-m.sandbox.paypal.com/v1/oauth2/token',
  ),
];

const versions: readonly (readonly ListedEndpoint[])[] = [[], [...telemetryEndpoints, ...credentialEndpoints]];

/** A reader refuses a version that this release does not know (`store/fixture/file/fixture-header.ts`). */
export function listedEndpoints(version: number = listedEndpointsVersion): readonly ListedEndpoint[] {
  return versions[Math.min(version, listedEndpointsVersion)] as readonly ListedEndpoint[];
}
