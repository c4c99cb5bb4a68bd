// The bucket that the address of a server names as the place of its large values, as in `?parts=https://s3.example/bucket`.
import { RepriseError } from '../../../src/index.ts';
import { s3Parts } from '../../../src/store/postgres/index.ts';
import type { PartStore } from '../../../src/store/postgres/index.ts';

export interface NamedParts {
  /** What the store itself understands: a folder stays in it. */
  readonly address: string;
  readonly parts?: PartStore;
}

/** The credentials are where the tools of vendors look for them. @throws RepriseError `option-invalid` */
export function partsNamedIn(address: string): NamedParts {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const named = url?.searchParams.get('parts') ?? '';
  if (url === undefined || !/^https?:/.test(named)) return { address };
  url.searchParams.delete('parts');
  return { address: url.href, parts: bucketAt(named) };
}

function bucketAt(named: string): PartStore {
  const url = URL.canParse(named) ? new URL(named) : undefined;
  const [bucket = '', ...prefix] = (url?.pathname ?? '').slice(1).split('/').map(decodeURIComponent);
  if (url === undefined || bucket === '' || /[?#@]/.test(named))
    throw new RepriseError('option-invalid', 'the address of the store names no bucket as `parts`', {
      nextStep:
        'Write server, bucket and what its keys begin with: ?parts=https://s3.eu-central-1.amazonaws.com/runs/desk/',
      fields: { option: 'parts' },
    });
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_SESSION_TOKEN } = process.env;
  const region = AWS_REGION ?? AWS_DEFAULT_REGION;
  return s3Parts({
    endpoint: url.origin,
    bucket,
    prefix: prefix.join('/'),
    accessKeyId: wanted('AWS_ACCESS_KEY_ID'),
    secretAccessKey: wanted('AWS_SECRET_ACCESS_KEY'),
    ...(region === undefined ? {} : { region }),
    ...(AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: AWS_SESSION_TOKEN }),
  });
}

function wanted(name: string): string {
  const value = process.env[name];
  if (value !== undefined && value !== '') return value;
  throw new RepriseError('option-invalid', `the store has its large values in a bucket, and ${name} is not set`, {
    nextStep:
      'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_REGION and AWS_SESSION_TOKEN if the bucket wants them.',
    fields: { option: 'parts' },
  });
}
