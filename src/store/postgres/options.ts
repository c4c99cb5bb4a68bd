// The options of a PostgreSQL store.
import { anyFunction, numberIn, oneOf, wholeNumber } from '../../base/options/option-kind.ts';
import type { OptionKind } from '../../base/options/option-kind.ts';
import { checkArgument, checkOptions, optionShape } from '../../base/options/option-shape.ts';
import { RepriseError } from '../../base/error.ts';
import type { OnMetric } from './server/metrics.ts';
import { serverPlace, shownUrl } from './server/address.ts';

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
   * How long a server that does not answer is tried again before an operation fails, in milliseconds; 10,000 by default.
   */
  readonly patienceMs?: number;
  /** With `read` nothing is written, and tables that are not there are not made. */
  readonly mode?: 'write' | 'read';
  /** As that of a SQLite store; 65,536 by default. */
  readonly checkpointLength?: number;
  /**
   * Is told what happens, for dashboards and alarms: how long appends take and how many go together, doubts, lost leases,
   * takeovers. It is called in the middle of things, so it has to be quick. What it throws reaches no run.
   */
  readonly onMetric?: OnMetric;
}

export type PostgresSettings = Required<Omit<PostgresStoreOptions, 'onMetric'>> & { readonly onMetric?: OnMetric };

const defaults: PostgresSettings = {
  schema: 'reprise',
  lanes: 2,
  patienceMs: 10_000,
  mode: 'write',
  checkpointLength: 65_536,
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
  patienceMs: numberIn({ least: 0, orInfinity: true }),
  mode: oneOf('write', 'read'),
  checkpointLength: numberIn({ least: 0, orInfinity: true }),
  onMetric: anyFunction,
});

/** @throws RepriseError `option-invalid` */
export function postgresSettings(given: unknown, options: PostgresStoreOptions): PostgresSettings {
  checkArgument('postgresStore', 'url', place, given);
  if (typeof given === 'string') shownUrl(given);
  checkOptions(postgresOptions, options);
  const { schema } = typeof given === 'string' ? serverPlace(given) : {};
  if (schema === undefined) return { ...defaults, ...options };
  checkOptions(postgresOptions, { schema });
  if (options.schema !== undefined && options.schema !== schema) throw twoSchemas(schema, options.schema);
  return { ...defaults, ...options, schema };
}

function twoSchemas(named: string, given: string): RepriseError {
  const message = `the address of the PostgreSQL store names the schema "${named}", and the option \`schema\` "${given}"`;
  return new RepriseError('option-invalid', message, {
    nextStep: 'Name the schema once: in the address or as the option.',
    fields: { option: 'schema' },
  });
}
