import type { Surroundings } from '../journal/run-facts.ts';

let known: { readonly zone: string | undefined; readonly surroundings: Surroundings } | undefined;

/** The surroundings of this process. Only its time zone can change while it runs. */
export function liveSurroundings(): Surroundings {
  const zone = process.env.TZ;
  if (known === undefined || known.zone !== zone) {
    const { timeZone, locale } = new Intl.DateTimeFormat().resolvedOptions();
    const { version, platform, arch } = process;
    known = { zone, surroundings: Object.freeze({ node: version, platform: `${platform} ${arch}`, timeZone, locale }) };
  }
  return known.surroundings;
}
