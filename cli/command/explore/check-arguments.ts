// The options of `reprise check`, as they were given.
import type { ReporterName } from '../../terminal/reporter.ts';
import type { ExploreOptions, PlannedFaults } from '../../../src/explore/index.ts';

export interface CheckArguments {
  readonly graph?: string;
  readonly schedules?: number;
  readonly time?: number;
  readonly seed?: string;
  readonly schedule?: string;
  readonly crashes?: number | true;
  readonly faults?: PlannedFaults;
  readonly from?: number;
  readonly shard?: NonNullable<ExploreOptions['shard']>;
  readonly workers?: number;
  readonly save?: boolean;
  readonly json?: boolean;
  readonly html?: string;
  readonly reporter?: ReporterName;
}
