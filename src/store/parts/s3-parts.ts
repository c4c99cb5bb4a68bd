// Keeps large parts of runs in a bucket of a server that speaks S3.
import { filledText, required, text } from '../../base/options/option-kind.ts';
import { checkOptions, optionShape } from '../../base/options/option-shape.ts';
import { RepriseError } from '../../base/error.ts';
import type { PartStore } from '../../port/part-store.ts';
import { machineTime } from '../store-time.ts';
import { authorization, sha256, signedPath } from './s3-signature.ts';

/** Where the bucket is, and who may use it. */
export interface S3PartsOptions {
  /**
   * The address of the server, such as `https://s3.eu-central-1.amazonaws.com`, without a query. The bucket becomes part of the
   * path.
   */
  readonly endpoint: string;
  readonly bucket: string;
  /** `us-east-1` by default, which is what servers other than Amazon's usually expect. */
  readonly region?: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
  /** What all keys begin with, such as `reprise/`. */
  readonly prefix?: string;
}

const url = {
  wanted: 'the address of a server, such as https://s3.eu-central-1.amazonaws.com',
  fits: (given: unknown): boolean => typeof given === 'string' && URL.canParse(given) && /^https?:/.test(given),
};

/** Keys would come to stand behind a query. It is not shown: what is in it, or a user in front, may be a secret. */
function checkEndpoint(endpoint: string): void {
  if (!/[?#@]/.test(endpoint)) return;
  throw new RepriseError('option-invalid', 's3Parts: the address in `endpoint` has more than a server and a path', {
    nextStep:
      'Leave out user, query and fragment. Credentials are `accessKeyId`, `secretAccessKey` and `sessionToken`, and the region is `region`.',
    fields: { option: 'endpoint' },
  });
}

export const s3Options = optionShape<S3PartsOptions>('s3Parts', {
  endpoint: required(url),
  bucket: required(filledText),
  region: filledText,
  accessKeyId: required(filledText),
  secretAccessKey: required(filledText),
  sessionToken: filledText,
  prefix: text,
});

const answerMs = 30_000;
const shownLength = 300;
/** What S3 says with a 400: the request came too slowly. */
const tooSlow = 408;

/**
 * Keeps large parts of runs in a bucket of Amazon S3, or of another server that speaks its protocol (MinIO, Ceph, R2), with
 * requests of its own: no package has to be installed. Its credentials are those that are given; over a client of yours, which
 * knows profiles and roles, implement `PartStore` instead.
 *
 * ```ts
 * import { postgresStore, s3Parts } from 'reprise/postgres';
 *
 * const parts = s3Parts({
 *   endpoint: 'https://s3.eu-central-1.amazonaws.com',
 *   region: 'eu-central-1',
 *   bucket: 'runs',
 *   accessKeyId: 'the id of the key',
 *   secretAccessKey: 'the key',
 * });
 * const store = postgresStore('postgres://reprise@db.example/runs', { parts });
 * console.log(store.isDurable); // true
 * await store.close();
 * ```
 *
 * @throws RepriseError `option-invalid`
 */
export function s3Parts(options: S3PartsOptions): PartStore {
  checkOptions(s3Options, options);
  checkEndpoint(options.endpoint);
  const { endpoint, bucket, region = 'us-east-1', prefix = '', sessionToken } = options;
  const keys = { ...options, region };
  const base = endpoint.replace(/\/+$/, '');
  const ask = async (method: string, key: string, body?: Uint8Array): Promise<Response> => {
    const address = new URL(`${base}/${signedPath(`${bucket}/${prefix}${key}`)}`);
    const payload = sha256(body ?? '');
    const time = new Date(machineTime()).toISOString().replaceAll(/[:-]|\.\d+/g, '');
    const headers = {
      'x-amz-content-sha256': payload,
      'x-amz-date': time,
      ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
    };
    return fetch(address, {
      method,
      headers: { ...headers, authorization: authorization({ method, url: address, headers, payload }, keys, time) },
      signal: AbortSignal.timeout(answerMs),
      ...(body === undefined ? {} : { body: body as BodyInit }),
    });
  };
  return {
    async put(key, bytes) {
      await finished(await ask('PUT', key, bytes), []);
    },
    async get(key) {
      const response = await ask('GET', key);
      const isThere = await finished(response, [404], true);
      return isThere ? new Uint8Array(await response.arrayBuffer()) : undefined;
    },
    async delete(key) {
      await finished(await ask('DELETE', key), [404]);
    },
  };
}

/** Returns whether it has worked. Of an answer that is not read the body is let go of, and with it its connection. */
async function finished(response: Response, allowed: readonly number[], isRead = false): Promise<boolean> {
  const { ok, status } = response;
  if (ok && isRead) return true;
  const body = await response.text();
  const code = /<Code>(\w+)<\/Code>/.exec(body)?.[1];
  // Of a bucket that is not there, nothing can be said about what is in it.
  if (ok || (allowed.includes(status) && code !== 'NoSuchBucket')) return ok;
  throw new RepriseError('store-unreachable', `the bucket answered ${status}: ${body.slice(0, shownLength)}`, {
    nextStep: 'Check the address, the bucket and the credentials.',
    fields: { status: code === 'RequestTimeout' ? tooSlow : status },
  });
}
