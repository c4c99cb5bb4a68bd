import type { Surroundings } from '../journal/entry.ts';

/** Where this process runs. No name and no path of the machine. */
export function surroundingsNow(): Surroundings {
  const { timeZone, locale } = new Intl.DateTimeFormat().resolvedOptions();
  return Object.freeze({ node: process.versions.node, platform: process.platform, timeZone, locale });
}
