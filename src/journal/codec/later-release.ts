// What a later release has written and this one would read as something else, or not at all.
import { MalformedValue } from '../../base/encode.ts';
import { semanticsVersion } from '../entry.ts';
import { countedHeadersVersion } from '../http/counted-headers.ts';
import { drawnValuesVersion } from '../http/drawn-values.ts';
import { listedEndpointsVersion } from '../http/listed-endpoints.ts';

/** A version that this release does not know, and the last one that it does. */
export interface LaterVersion {
  readonly what: string;
  readonly version: number;
  readonly known: number;
}

/** What names its own version, as read from a file: nothing of it was checked. */
export interface VersionedRun {
  readonly semantics?: unknown;
  readonly rules?: unknown;
}

export class LaterRelease extends MalformedValue {
  /** Nothing of what has no version: a kind of entry. */
  readonly version: LaterVersion | undefined;

  constructor(message: string, version?: LaterVersion) {
    super(message);
    this.version = version;
  }
}

/** @throws LaterRelease */
export function checkVersions(run: VersionedRun): void {
  const later = laterVersion(run);
  if (later === undefined) return;
  const { what, version, known } = later;
  throw new LaterRelease(`it has ${what} version ${version}, and this release knows versions up to ${known}`, later);
}

/**
 * The first version of a run that this release does not know. A run keeps the rules that it began with: continued by others it
 * would take other steps, and its requests would get the answers of others.
 */
export function laterVersion({ semantics, rules }: VersionedRun): LaterVersion | undefined {
  const { headers, drawn, outside } = fieldsOf(rules);
  const versions: readonly (readonly [what: string, version: unknown, known: number])[] = [
    ['semantics', semantics, semanticsVersion],
    ['request rules', headers, countedHeadersVersion],
    ['drawn values', drawn, drawnValuesVersion],
    ['listed endpoints', fieldsOf(outside).listed, listedEndpointsVersion],
  ];
  for (const [what, version, known] of versions)
    if (typeof version === 'number' && version > known) return { what, version, known };
  return undefined;
}

function fieldsOf(given: unknown): { readonly [name: string]: unknown } {
  return typeof given === 'object' && given !== null ? (given as { readonly [name: string]: unknown }) : {};
}
