// Words of names, as data.

function listed(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/** Words behind the one that says what it is. */
export const trailingWords = listed(`
  value base confirmation confirm repeat again b64 base64 hex raw plaintext prod production staging live sandbox old new
  previous secondary
`);

/** What runs a service, or sells one: names begin with it. */
const services = listed(`
  github gh hub gitlab lab labs gitea bitbucket atlassian jira confluence trello slack discord telegram tg whatsapp wa
  twilio vonage messagebird zoom teams matrix openai ai azure anthropic claude gemini google gcp vertex bedrock mistral
  cohere groq xai grok deepseek openrouter together fireworks replicate perplexity pplx hf huggingface face eleven
  elevenlabs deepgram assemblyai voyage jina nvidia cerebras tavily exa brave bing serp serpapi serper firecrawl
  browserbase e2b unstructured langsmith langchain langfuse helicone wandb comet kaggle pinecone weaviate qdrant aws s3
  r2 minio b2 backblaze wasabi digitalocean ocean do linode hetzner ovh heroku fly render railway vercel netlify
  cloudflare cf fastly akamai ngrok tailscale supabase firebase neon planetscale turso upstash fauna convex snowflake
  databricks npm node pypi nuget rubygems gem cargo docker dockerhub quay ghcr artifactory jfrog circle circleci travis
  jenkins buildkite drone codecov coveralls sonar snyk vault terraform tf pulumi consul nomad doppler infisical k8s
  kubernetes kube argocd sentry grafana datadog dd newrelic relic honeycomb axiom splunk pagerduty rollbar posthog
  segment amplitude mixpanel launchdarkly algolia elastic elasticsearch es opensearch stripe paypal square adyen
  braintree klarna plaid razorpay mollie coinbase binance shopify woocommerce magento contentful sanity strapi shippo
  easypost duffel amadeus sendgrid grid mailgun gun mailchimp mandrill postmark brevo resend sparkpost ses notion linear
  figma airtable asana monday clickup todoist hubspot salesforce sf zendesk intercom freshdesk front pipedrive zapier
  dropbox box gdrive spotify twitch twitter facebook fb instagram ig linkedin reddit pinterest tiktok youtube line vk
  okta auth0 clerk keycloak cognito workos recaptcha hcaptcha turnstile captcha maps mapbox weather openweather here
  tomtom rapid rapidapi deepl crisp pusher ably db database sql mysql mariadb postgres postgresql pg mssql oracle mongo
  mongodb redis rabbitmq rabbit amqp mq kafka nats influx influxdb clickhouse neo4j cassandra smtp imap pop pop3 mail
  mailer email ftp sftp ssh ldap vpn wifi proxy http
`);

/** The holder of one, and what it is for. */
const holders = listed(`
  api access auth oauth oauth2 authentication authorization refresh session security bearer bot app application user
  admin root login account service svc server client device push deploy deployment webhook hook invite invitation reset
  recovery verify verification csrf xsrf personal private secret sas jwt token cookie hmac signing signature encryption
  crypto cipher shared consumer registry registration runner agent ci build project team workspace org organization
  tenant gateway master backend cluster discovery join publish upload download integration partner merchant internal
  keystore truststore certificate cert pfx p12 sudo sa super superuser my basic
`);

export const credentialOwners: ReadonlySet<string> = new Set([...services, ...holders]);

/** Services that are words of everyday use, before which a key may be anything. */
const everyday = listed('line box front here do pop sql segment face');

/** `maps_key`: of a service, or of what only the owner of a key has. A `cache_key` and a `sort_key` give no access. */
export const keyOwners: ReadonlySet<string> = new Set([
  ...[...services].filter((name) => !everyday.has(name)),
  ...listed(`
  auth app application master account storage service role admin root ssh deploy license licence server cipher crypto
  hmac jwt shared consumer integration webhook sas host write ingest ingestion decryption decrypt encrypt session bot
  partner
`),
]);

/** Before `token`: what counts, what turns pages, what a text is cut into, and what is traded. */
export const otherTokens = listed(`
  max min total num n per each avg mean prompt completion input output cached cache reasoning thinking audio image text
  budget limit used remaining page next previous prev continuation cursor pagination paging sync delta resume start
  starting end ending first last skip scroll list position offset watch change version stream batch begin fencing
  idempotency request dedup concurrency stop eos bos pad unk sep cls mask special top logit vocab added sub byte design
  color colour css theme syntax lex lexer parser keyword operator comment string number literal identifier expected
  unexpected actual current word char format invalid unknown missing expired no is has with without by for from to in
  out nft erc erc20 lp native quote wrapped gas fee reward governance pool swap collateral contract staking buy sell
`);

/** Before `secret`: names of Kubernetes, and words of everyday use. */
export const otherSecrets = listed('pull tls top trade open dirty no is has best worst kept invalid missing');

/** Before any of them: what is said about one. */
export const otherWords = listed('no is has invalid missing unknown verifiable');

export const pinOwners = listed(`
  user card account atm sim login access security new old current parental door device phone voicemail customer debit
  unlock app bank transaction
`);

export const codeOwners = listed(`
  verification security login sms mfa 2fa factor backup recovery time auth reset authorization authentication device
  user access confirmation otp totp passcode unlock
`);

export const phraseOwners = listed('seed recovery backup secret wallet');
