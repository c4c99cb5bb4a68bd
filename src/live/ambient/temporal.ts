// `Temporal.Now`, where there is one.
import { readsNow } from './reads-now.ts';
import { SharedGlobal, replaceProperty } from './replacement.ts';

/** The part of Temporal that reads the clock. */
interface TemporalLike {
  readonly Instant: new (nanoseconds: bigint) => Instant;
  readonly Now: {
    instant(): Instant;
    timeZoneId(): string;
    zonedDateTimeISO(zone?: unknown): unknown;
  };
}
interface Instant {
  readonly epochNanoseconds: bigint;
  toZonedDateTimeISO(zone: unknown): Zoned;
}
interface Zoned {
  toPlainDateTime(): unknown;
  toPlainDate(): unknown;
  toPlainTime(): unknown;
}

const temporal =
  'Temporal' in globalThis
    ? new SharedGlobal<TemporalLike>(globalThis, 'Temporal', ({ original }) => original)
    : undefined;

export function replaceTemporal(isInNode: () => boolean): () => void {
  if (temporal === undefined) return () => undefined;
  const { Now, Instant } = temporal.original;
  const { instant: originalInstant, zonedDateTimeISO: originalZoned } = Now;
  const real = (): bigint => {
    const { others, original } = temporal;
    return (others === original ? originalInstant.call(Now) : others.Now.instant()).epochNanoseconds;
  };
  const instant = (): Instant => {
    const reads = readsNow();
    return reads === undefined ? originalInstant.call(Now) : new Instant(reads.clock('Temporal.Now.instant', real));
  };
  const zoned = (zone?: unknown): Zoned =>
    readsNow() === undefined
      ? (originalZoned.call(Now, zone) as Zoned)
      : instant().toZonedDateTimeISO(zone ?? Now.timeZoneId());
  const restores = [
    temporal.install(isInNode),
    ...Object.entries({
      instant,
      zonedDateTimeISO: zoned,
      plainDateTimeISO: (zone?: unknown) => zoned(zone).toPlainDateTime(),
      plainDateISO: (zone?: unknown) => zoned(zone).toPlainDate(),
      plainTimeISO: (zone?: unknown) => zoned(zone).toPlainTime(),
    }).map(([name, value]) => replaceProperty(Now, name, { value })),
  ];
  return () => {
    for (const restore of restores.reverse()) restore();
  };
}
