// The forms that providers gave their keys, as data: what each begins with, which its issuer chose so that it is found, and what
// follows. Ordinary text has none of them. `docs/guide/secrets.md` lists them, written from here.
import type { CredentialKind } from './credential-kind.ts';

export interface ProviderKey {
  /** The provider, and what it is if there are several. */
  readonly of: string;
  readonly kind: CredentialKind;
  /** Each of at least three characters, by which a text is searched. */
  readonly begins: readonly string[];
  /** What follows, as the source of an expression that takes time linear in the text. */
  readonly rest: string;
}

const end = String.raw`(?![A-Za-z\d])`;
const uuid = String.raw`[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}`;

function key(of: string, begins: string, rest: string): ProviderKey {
  return { of, kind: 'api-key', begins: begins.split(' '), rest };
}

function token(of: string, begins: string, rest: string): ProviderKey {
  return { of, kind: 'token', begins: begins.split(' '), rest };
}

function secret(of: string, begins: string, rest: string): ProviderKey {
  return { of, kind: 'secret', begins: begins.split(' '), rest };
}

export const providerKeys: readonly ProviderKey[] = [
  key(
    'OpenAI, Anthropic, OpenRouter, Langfuse',
    'sk-ant- sk-proj- sk-or- sk-svcacct- sk-admin- sk-lf-',
    String.raw`[\w-]{6,}`,
  ),
  key('OpenAI and services that copied it', 'sk-', String.raw`(?:(?=[\w-]{0,64}\d)[\w-]{16,}|[A-Za-z]{40,})`),
  key('Stripe, Clerk', 'sk_live_ sk_test_ rk_live_ rk_test_ whsec_', String.raw`\w{10,}`),
  key('AWS, id of an access key', 'AKIA ASIA ABIA ACCA', String.raw`[\dA-Z]{16}\b`),
  key('AWS Bedrock', 'ABSK bedrock-api-key-', String.raw`[A-Za-z\d+/]{64,}={0,2}`),
  token('GitHub', 'ghp_ gho_ ghu_ ghs_ ghr_', String.raw`[A-Za-z\d]{20,}`),
  token('GitHub, fine-grained', 'github_pat_', String.raw`\w{20,}`),
  token(
    'GitLab',
    'glpat- gldt- glft- glsoat- glrt- glimt- glagent- gloas- glptt- glffct-',
    String.raw`[\w-]{16,}(?:\.[\da-z]{2}[\da-z]{7})?`,
  ),
  token('GitLab, CI job', 'glcbt-', String.raw`[A-Za-z\d]{1,5}_[\w-]{16,}`),
  token('Bitbucket', 'ATBB', String.raw`[A-Za-z\d]{32}${end}`),
  token('Atlassian', 'ATATT3 ATCTT3', String.raw`[\w=-]{60,}`),
  token('Slack', 'xoxa- xoxb- xoxc- xoxd- xoxe- xoxo- xoxp- xoxr- xoxs- xoxe.xox xapp-', String.raw`[A-Za-z\d-]{10,}`),
  token('Discord bots', discordBeginnings(), String.raw`[\w-]{19,25}\.[\w-]{6}\.[\w-]{27,45}`),
  token('Telegram, in the path of a request', 'bot', String.raw`\d{6,12}:[\w-]{30,}`),
  key('Google, API key', 'AIza', String.raw`[\w-]{30,}`),
  token('Google, OAuth', 'ya29.', String.raw`[\w-]{16,}`),
  token('Google, refresh token', '1//0', String.raw`[\w-]{30,}`),
  secret('Google, client secret', 'GOCSPX-', String.raw`[\w-]{20,}`),
  token('Hugging Face', 'hf_ api_org_', String.raw`(?:[A-Za-z\d]{30,}|(?=\w{0,64}\d)[A-Za-z\d]{20,})`),
  token('npm', 'npm_', String.raw`(?:[A-Za-z\d]{36,}|(?=\w{0,64}\d)[A-Za-z\d]{20,})`),
  key('Groq', 'gsk_', String.raw`(?:[A-Za-z\d]{40,}|(?=\w{0,64}\d)[A-Za-z\d]{20,})`),
  key('Replicate', 'r8_', String.raw`(?:[A-Za-z\d]{37,}|(?=\w{0,64}\d)[A-Za-z\d]{20,})`),
  key('xAI, Perplexity, Tavily', 'xai- pplx- tvly-', String.raw`(?=[\w-]{0,64}\d)[\w-]{16,}`),
  key('NVIDIA', 'nvapi-', String.raw`[\w-]{40,}`),
  key('Fireworks', 'fw_', String.raw`(?=\w{0,32}\d)[A-Za-z\d]{22,32}${end}`),
  key('ElevenLabs', 'sk_', String.raw`[\da-f]{48}${end}`),
  key('Pinecone', 'pcsk_', String.raw`[A-Za-z\d]{5,6}_[A-Za-z\d]{50,}`),
  key('LangSmith', 'lsv2_pt_ lsv2_sk_', String.raw`\w{16,}`),
  key('Firecrawl', 'fc-', String.raw`[\da-f]{32}${end}`),
  key('E2B', 'e2b_', String.raw`[\da-f]{40}${end}`),
  key('SendGrid', 'SG.', String.raw`[\w-]{16,}\.[\w-]{16,}`),
  key('Brevo', 'xkeysib- xsmtpsib-', String.raw`[\da-f]{64}-[A-Za-z\d]{16}`),
  key('Resend', 're_', String.raw`[A-Za-z\d]{8}_[A-Za-z\d]{24}${end}`),
  key('Mailgun', 'key-', String.raw`[\da-f]{32}${end}`),
  key('Twilio', 'SK', String.raw`[\da-f]{32}${end}`),
  token('Shopify', 'shpat_ shpca_ shppa_ shpss_', String.raw`[\dA-Fa-f]{32}${end}`),
  secret('Square', 'sq0csp- sq0atp-', String.raw`[\w-]{22,60}`),
  secret('Braintree', 'access_token$production$ access_token$sandbox$', String.raw`[\da-z]{16}\$[\da-f]{32}`),
  token('Plaid', 'access-sandbox- access-development- access-production-', uuid),
  token('Flutterwave', 'FLWSECK_TEST- FLWSECK-', String.raw`[\dA-Za-z]{12,32}(?:-X)?`),
  key('EasyPost', 'EZAK EZTK', String.raw`[A-Za-z\d]{54}${end}`),
  token('Shippo', 'shippo_live_ shippo_test_', String.raw`[\dA-Fa-f]{40}${end}`),
  token('Duffel', 'duffel_live_ duffel_test_', String.raw`[\w=-]{43}`),
  token('Facebook', 'EAAC EAAM EAAG EAAB', String.raw`[A-Za-z\d]{90,}`),
  token('Notion', 'ntn_', String.raw`\d{11}[A-Za-z\d]{35}${end}`),
  token('Notion, older', 'secret_', String.raw`[A-Za-z\d]{43}${end}`),
  key('Linear', 'lin_api_ lin_oauth_', String.raw`[A-Za-z\d]{32,}`),
  token('Figma', 'figd_ figo_ figp_', String.raw`[\w-]{30,}`),
  token('Airtable', 'pat', String.raw`[A-Za-z\d]{14}\.[\da-f]{64}${end}`),
  token('HubSpot', 'pat-na1- pat-na2- pat-eu1- pat-ap1-', uuid),
  token('Intercom', 'dG9rO', String.raw`[\w+/-]{50,}={0,2}`),
  token('Typeform', 'tfp_', String.raw`[\w.=-]{40,}`),
  token('Contentful', 'CFPAT-', String.raw`[\w-]{40,}`),
  token('Dropbox', 'sl.', String.raw`[\w=-]{100,}`),
  token('Mapbox', 'sk.eyJ', String.raw`[\w-]{40,}\.[\w-]{20,}`),
  key('Postman', 'PMAK-', String.raw`[\da-f]{24}-[\da-f]{34}`),
  token('ReadMe', 'rdme_', String.raw`[\da-z]{70}`),
  key('PostHog', 'phx_ phs_', String.raw`[\w-]{40,}`),
  token('Databricks', 'dapi', String.raw`[\da-f]{32}(?:-\d)?${end}`),
  token('DigitalOcean', 'dop_v1_ doo_v1_ dor_v1_', String.raw`[\da-f]{64}`),
  key('Heroku', 'HRKU-', String.raw`[\w-]{36,}`),
  token('Fly.io', 'fo1_ fm1a_ fm1r_ fm2_', String.raw`[\w+/-]{40,}={0,3}`),
  token('Netlify', 'nfp_ nfc_ nfo_', String.raw`[A-Za-z\d]{30,}`),
  token('Supabase', 'sbp_ sb_secret_', String.raw`(?:[\da-f]{40}|[\w-]{20,})`),
  token('PlanetScale', 'pscale_tkn_ pscale_pw_ pscale_oauth_', String.raw`[\w=.-]{32,64}`),
  key('Neon', 'napi_', String.raw`[A-Za-z\d]{40,}`),
  secret('Cloudflare, origin CA', 'v1.0-', String.raw`[\da-f]{24}-[\da-f]{146}`),
  token('Tailscale', 'tskey-', String.raw`(?:auth|api|client|scim|webhook)-[A-Za-z\d]+-[A-Za-z\d]{16,}`),
  token(
    'Doppler',
    'dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.',
    String.raw`(?:[a-z\d_-]{2,35}\.)?[A-Za-z\d]{40,44}`,
  ),
  token('Vault', 'hvs. hvb. hvr.', String.raw`[\w-]{24,}`),
  token('1Password', 'ops_eyJ', String.raw`[\w+/-]{100,}={0,3}`),
  key('Infracost', 'ico-', String.raw`[A-Za-z\d]{32}${end}`),
  token('Pulumi', 'pul-', String.raw`[\da-f]{40}${end}`),
  token('Prefect', 'pnu_ pnb_', String.raw`[A-Za-z\d]{36}${end}`),
  token('Grafana', 'glsa_ glc_', String.raw`[\w+/]{32,}={0,3}`),
  token('Sentry', 'sntrys_ sntryu_ sntrya_', String.raw`[\w+/=]{40,}`),
  key('New Relic', 'NRAK- NRII- NRRA-', String.raw`[\dA-Za-z-]{27,42}`),
  token('Dynatrace', 'dt0c01. dt0s01.', String.raw`[\dA-Z]{24}\.[\dA-Z]{64}`),
  token('SonarQube', 'squ_ sqp_ sqa_', String.raw`[\da-f]{40}${end}`),
  token('Sourcegraph', 'sgp_', String.raw`(?:[\dA-Fa-f]{16}_|local_)?[\dA-Fa-f]{40}`),
  token('JFrog Artifactory', 'AKCp cmVmd', String.raw`[A-Za-z\d]{59,69}${end}`),
  token('PyPI', 'pypi-', String.raw`AgE[\w-]{50,}`),
  key('RubyGems', 'rubygems_', String.raw`[\da-f]{48}${end}`),
  token('crates.io', 'cio', String.raw`(?=[A-Za-z]{0,31}\d)[A-Za-z\d]{32}${end}`),
  token('Docker Hub', 'dckr_pat_ dckr_oat_', String.raw`[\w-]{20,}`),
  token('Clojars', 'CLOJARS_', String.raw`[\da-z]{60}`),
  key('Octopus Deploy', 'API-', String.raw`[\dA-Z]{26}${end}`),
  token('Scalingo', 'tk-us-', String.raw`[\w-]{48}`),
  key('Alibaba Cloud, id of an access key', 'LTAI', String.raw`[A-Za-z\d]{20}${end}`),
  token('OpenShift', 'sha256~', String.raw`[\w-]{43}`),
  secret('Adobe', 'p8e-', String.raw`[\da-z]{32}${end}`),
  secret('age', 'AGE-SECRET-KEY-1', String.raw`[\dA-Z]{58}`),
  {
    of: 'JSON Web Tokens, encrypted or signed',
    kind: 'jwt',
    begins: ['eyJ'],
    rest: String.raw`[\w-]{8,1024}\.(?:[\w-]*\.[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}|[\w-]{8,}\.[\w-]*)`,
  },
];

/** They begin with a number in base64. */
function discordBeginnings(): string {
  const [first, second, third] = ['MNO', 'DTjz', 'AEIMQUYcgk'].map((text) => [...text]) as [
    string[],
    string[],
    string[],
  ];
  return first.flatMap((one) => second.flatMap((two) => third.map((three) => one + two + three))).join(' ');
}

export interface SurroundedKey {
  readonly of: string;
  readonly kind: CredentialKind;
  /** Nothing is searched in a text without this. */
  readonly hint: string;
  readonly source: string;
}

/** Not inside of a word, unless that is the letter of an escape or the digits of one. */
const boundary = String.raw`(?:(?<![\w.+~\\-])|(?<=\\[nrtbf])|(?<=%[\da-fA-F]{2}))`;

/** Keys that begin with anything: they are known by what stands inside of them or before them. */
export const surroundedKeys: readonly SurroundedKey[] = [
  {
    of: 'Private keys in PEM',
    kind: 'private-key',
    hint: '-----BEGIN',
    // To the end of the text if its own end is missing.
    source:
      '-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^"]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$|(?="))',
  },
  {
    of: 'Slack webhooks',
    kind: 'secret',
    hint: '/services/T',
    source: String.raw`(?<=\/services\/T[A-Z\d]{6,16}\/B[A-Z\d]{6,16}\/)[A-Za-z\d]{16,64}`,
  },
  {
    of: 'Discord webhooks',
    kind: 'secret',
    hint: '/webhooks/',
    source: String.raw`(?<=\/api(?:\/v\d{1,2})?\/webhooks\/\d{16,20}\/)[\w-]{50,100}`,
  },
  {
    of: 'Microsoft Teams webhooks',
    kind: 'secret',
    hint: '/IncomingWebhook/',
    source: String.raw`(?<=\/IncomingWebhook\/)(?:[\da-f]{32}(?:\/[\da-f-]{36})?|redacted0\d+)`,
  },
  {
    of: 'Zapier webhooks',
    kind: 'secret',
    hint: '/hooks/catch/',
    source: String.raw`(?<=\/hooks\.zapier\.com\/hooks\/catch\/|\/hooks\/catch\/)(?:\d{4,10}\/[A-Za-z\d]{5,16}|redacted0\d+)`,
  },
  {
    of: 'Make webhooks',
    kind: 'secret',
    hint: '.make.com/',
    source: String.raw`(?<=\/hook\.[a-z\d]{2,4}\.make\.com\/)(?:[A-Za-z\d]{32}|redacted0\d+)`,
  },
  { of: 'Telegram bots', kind: 'token', hint: ':A', source: String.raw`${boundary}\d{8,10}:A[\w-]{34}(?![\w-])` },
  {
    of: 'Microsoft Entra (Azure AD), client secret',
    kind: 'secret',
    hint: 'Q~',
    source: String.raw`${boundary}[\w~.]{3}\dQ~[\w~.-]{31,34}(?![\w~-])`,
  },
  {
    of: 'Terraform Cloud',
    kind: 'token',
    hint: '.atlasv1.',
    source: String.raw`${boundary}[A-Za-z\d]{14}\.atlasv1\.[\w=-]{60,70}`,
  },
  { of: 'Mailchimp', kind: 'api-key', hint: '-us', source: String.raw`${boundary}[\da-f]{32}-us\d{1,2}(?!\w)` },
  {
    of: 'Firebase Cloud Messaging',
    kind: 'api-key',
    hint: ':APA91b',
    source: String.raw`${boundary}[\w-]{7,22}:APA91b[\w-]{100,}`,
  },
  {
    of: 'MaxMind',
    kind: 'api-key',
    hint: '_mmk',
    source: String.raw`${boundary}[A-Za-z\d]{6}_[A-Za-z\d]{29}_mmk(?!\w)`,
  },
];
