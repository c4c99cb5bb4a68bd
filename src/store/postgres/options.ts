// The options of a PostgreSQL store.
import { anyFunction, numberIn, oneOf, wholeNumber } from '../../base/options/option-kind.ts';
import type { OptionKind } from '../../base/options/option-kind.ts';
import { checkArgument, checkOptions, optionShape } from '../../base/options/option-shape.ts';
import { RepriseError } from '../../base/error.ts';
import type { PartStore } from '../../port/part-store.ts';
import { folderParts } from '../parts/folder-parts.ts';
import type { OnMetric } from './server/metrics.ts';
import { serverPlace, shownUrl } from './server/address.ts';
import type { OnOperation } from './told-operations.ts';

/** `server`: as the server is set. The others are the values of its setting `synchronous_commit`. */
export type Sync = 'server' | (typeof syncs)[number];

const syncs = ['off', 'local', 'remote_write', 'on', 'remote_apply'] as const;

/**
 * Where a PostgreSQL store keeps its tables, how it writes, and who gets its metrics. The schema is the one setting that
 * all processes of a store have to agree on.
 */
export interface PostgresStoreOptions {
  /**
   * The schema of its tables: that of the address (`?schema=desk`) if it names one, else `reprise`. It is created on first use,
   * if the role may do so.
   */
  readonly schema?: string;
  /**
   * How many statements that append are under way at once; 2 by default. What runs ask for meanwhile is one statement, so
   * more lanes make a run wait for less, and each statement carry less.
   */
  readonly lanes?: number;
  /**
   * What an append waits for: `server` (the default) for what the server is set to wait for, otherwise what its setting
   * `synchronous_commit` means by this value. With `off` a crash of the server loses entries of the last second, which runs
   * then do again, effects included; with `on` synchronous replicas have them too. It holds for the entries of runs alone.
   */
  readonly sync?: Sync;
  /**
   * How long a server that does not answer is tried again before an operation fails, in milliseconds; 10,000 by default.
   */
  readonly patienceMs?: number;
  /** With `read` nothing is written, and tables that are not there are not made. */
  readonly mode?: 'write' | 'read';
  /**
   * Where the content of large values is kept, instead of in the tables: `folderParts`, `s3Parts`, or a `PartStore` of yours. All
   * processes of a store have to be given the same place. What runs begin with stays in the tables.
   */
  readonly parts?: PartStore;
  /**
   * How much new content of large values an append may have until it goes to `parts`, in bytes; 256,000 by default. With more than
   * a million, an append that is longer leaves its first megabytes in the tables, since about one is held in memory at a time.
   */
  readonly partsBeyond?: number;
  /**
   * For how long `parts` keeps what no run names any more, in milliseconds by the clock of the server; an hour by default. So a
   * backup of the place that is made after that of the tables has all that these name, and a replica that takes over although it
   * has lagged behind finds it as well. What has been kept for longer goes when runs are next deleted or pruned.
   */
  readonly partsGraceMs?: number;
  /** As that of a SQLite store; 65,536 by default. */
  readonly checkpointLength?: number;
  /**
   * Is told what happens, for dashboards and alarms: how long appends take and how many go together, doubts, lost leases,
   * takeovers. It is called in the middle of things, so it has to be quick. What it throws reaches no run.
   */
  readonly onMetric?: OnMetric;
  /**
   * Is told of each operation of the store as it ends: its name, its run, how long it took and what it threw, for the spans of
   * a trace. It is called for every append as well, so it has to be quick too. What it throws reaches no run.
   */
  readonly onOperation?: OnOperation;
}

type Optional = 'onMetric' | 'onOperation' | 'parts';
export type PostgresSettings = Required<Omit<PostgresStoreOptions, Optional>> & Pick<PostgresStoreOptions, Optional>;

const defaults: PostgresSettings = {
  schema: 'reprise',
  lanes: 2,
  sync: 'server',
  patienceMs: 10_000,
  mode: 'write',
  checkpointLength: 65_536,
  partsBeyond: 256_000,
  partsGraceMs: 3_600_000,
};

/** PostgreSQL cuts longer names off. */
const nameLengthMax = 63;

/** A text is looked at in `address.ts`, which does not show it: it may hold a password. */
const place: OptionKind = {
  wanted: 'a URL such as postgres://user@host/database, or a pool of the package pg',
  fits: (given) =>
    typeof given === 'string' ||
    typeof (given as { readonly query?: unknown } | null | undefined)?.query === 'function',
};

const schemaName: OptionKind = {
  wanted: `a name of at most ${nameLengthMax} bytes`,
  fits: (given) =>
    typeof given === 'string' && given !== '' && Buffer.byteLength(given) <= nameLengthMax && !given.includes('\0'),
};

export const postgresOptions = optionShape<PostgresStoreOptions>('postgresStore', {
  schema: schemaName,
  lanes: wholeNumber({ least: 1 }),
  sync: oneOf('server', ...syncs),
  patienceMs: numberIn({ least: 0, orInfinity: true }),
  mode: oneOf('write', 'read'),
  checkpointLength: numberIn({ least: 0, orInfinity: true }),
  onMetric: anyFunction,
  onOperation: anyFunction,
  parts: {
    wanted: 'a place with the methods put, get and delete',
    fits: (given) =>
      ['put', 'get', 'delete'].every((name) => typeof (given as Record<string, unknown> | null)?.[name] === 'function'),
  },
  partsBeyond: numberIn({ least: 0, orInfinity: true }),
  partsGraceMs: wholeNumber({ least: 0 }),
});

/** @throws RepriseError `option-invalid` */
export function postgresSettings(given: unknown, options: PostgresStoreOptions): PostgresSettings {
  checkArgument('postgresStore', 'url', place, given);
  if (typeof given === 'string') shownUrl(given);
  checkOptions(postgresOptions, options);
  const { schema, parts } = typeof given === 'string' ? serverPlace(given) : {};
  if (parts?.includes('://') === true) throw bucketNamed();
  const named = {
    ...(schema === undefined ? {} : { schema }),
    ...(parts === undefined ? {} : { parts: folderParts(parts) }),
  };
  checkOptions(postgresOptions, named);
  if (schema !== undefined && options.schema !== undefined && options.schema !== schema)
    throw namedTwice('schema', `the schema "${schema}"`, `"${options.schema}"`);
  if (parts !== undefined && options.parts !== undefined)
    throw namedTwice('parts', `a folder for parts`, 'another place');
  return { ...defaults, ...options, ...named };
}

/** Only commands know where the credentials of a bucket are. */
function bucketNamed(): RepriseError {
  return new RepriseError(
    'option-invalid',
    'the address of the PostgreSQL store names a bucket as the folder for parts',
    {
      nextStep: 'Give it as the option `parts`: s3Parts({ endpoint, bucket, accessKeyId, secretAccessKey }).',
      fields: { option: 'parts' },
    },
  );
}

function namedTwice(option: 'schema' | 'parts', named: string, given: string): RepriseError {
  const message = `the address of the PostgreSQL store names ${named}, and the option \`${option}\` ${given}`;
  return new RepriseError('option-invalid', message, {
    nextStep: 'Name it once: in the address or as the option.',
    fields: { option },
  });
}
