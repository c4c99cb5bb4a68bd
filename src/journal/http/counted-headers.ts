// The request headers that count by themselves: those that choose an operation, a part or a tenant, or switch what an answer
// may hold. Two requests that differ in one of them ask for different things.
//   H1. A released version never changes: recorded runs name the one they were compared by.
//   H2. Nothing volatile is listed. Clients put their platform, version, retry count, request id, idempotency key, date
//       and trace into headers, and those differ between two recordings of the same run.
// Not listed, each for a reason: `authorization` and cookies (a credential is replaced by its kind), headers that name a
// version of an API or of a protocol (they change when a client is upgraded), `accept-language` and `accept-encoding`
// (the machine and the client choose them), `if-modified-since` (a date). `match.headers` adds what a project needs.

import type { RequestRules } from '../run-facts.ts';
import { isLoopback } from './origin.ts';

/** A header name in lower case, and its value as it was sent. */
export type HeaderPair = readonly [name: string, value: string];

/** The version that new runs are recorded with. */
export const countedHeadersVersion = 2;

const operations = [
  // AWS: the operation of the JSON protocols, the source of a copy, dry runs.
  'x-amz-target',
  'x-amz-copy-source',
  'x-amz-invocation-type',
  // Alibaba Cloud and Tencent Cloud.
  'x-acs-action',
  'x-tc-action',
  // SOAP, a method inside a POST, a server action of Next.js.
  'soapaction',
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'next-action',
  // PostgREST: insert or upsert, what comes back.
  'prefer',
  // WebDAV.
  'depth',
  'destination',
  'overwrite',
  // Azure: leases, pages, copies; queries of Cosmos DB.
  'x-ms-lease-action',
  'x-ms-page-write',
  'x-ms-copy-source',
  'x-ms-documentdb-isquery',
  // Resumable uploads of Google.
  'x-goog-upload-command',
];

const parts = [
  'range',
  'if-range',
  'if-match',
  'if-none-match',
  'content-range',
  'x-amz-copy-source-range',
  'x-ms-range',
  'x-ms-continuation',
  'x-goog-upload-offset',
  'x-goog-if-generation-match',
  'upload-offset',
  'last-event-id',
];

const tenantWords = ['tenant', 'org', 'organization', 'project', 'workspace', 'account', 'team', 'realm', 'namespace'];

const tenants = [
  ...tenantWords.flatMap((word) => [word, `${word}-id`, `x-${word}`, `x-${word}-id`]),
  'anthropic-workspace',
  'anthropic-workspace-id',
  'openai-organization',
  'openai-project',
  'x-goog-user-project',
  'x-amz-expected-bucket-owner',
  'x-ms-client-tenant-id',
  'x-ms-documentdb-partitionkey',
  'x-tc-region',
  'x-scope-orgid',
  'x-vault-namespace',
  'x-consul-namespace',
  'x-databricks-org-id',
  'x-appwrite-project',
  'x-hasura-role',
  'x-clickhouse-database',
  'xero-tenant-id',
  'stripe-account',
  'stripe-context',
  'accept-profile',
  'content-profile',
  'impersonate-user',
];

/** Since version 2. The code of a project names them, and a client does only where it calls what needs them. */
const features = ['anthropic-beta', 'openai-beta'];

const first = [...operations, ...parts, ...tenants];
const versions: readonly ReadonlySet<string>[] = [new Set(), new Set(first), new Set([...first, ...features])];

/**
 * The headers of a request that count. `host` counts where it names another host than the address does: a virtual host
 * is a tenant.
 */
export function countedHeaders(
  headers: readonly HeaderPair[],
  { headers: version, moreHeaders = [] }: RequestRules,
  url: URL,
): readonly HeaderPair[] {
  return headers.filter(([name, value]) => moreHeaders.includes(name) || counts(name, value, version, url));
}

function counts(name: string, value: string, version: number, url: URL): boolean {
  if (version === 0) return false;
  if (name === 'accept') return choosesForm(value);
  if (name === 'host') return isOtherHost(value, url);
  return listed(version).has(name);
}

/** A reader refuses a version that this release does not know (`store/fixture/file/fixture-header.ts`). */
function listed(version: number): ReadonlySet<string> {
  return versions[Math.min(version, countedHeadersVersion)] as ReadonlySet<string>;
}

/**
 * `accept` chooses if it insists on a form: a diff, a CSV, an event stream. Whatever takes anything or the usual JSON
 * does not: clients differ in how they write that.
 */
function choosesForm(accept: string): boolean {
  return accept !== '' && !accept.includes('*/*') && !/^application\/json\b[^,]*$/i.test(accept.trim());
}

function isOtherHost(host: string, url: URL): boolean {
  if (host === url.host) return false;
  const given = URL.canParse(`${url.protocol}//${host}`) ? new URL(`${url.protocol}//${host}`) : undefined;
  return given !== undefined && given.host !== url.host && !isLoopback(given.hostname);
}
