import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { explore } from '../../src/explore/explore.ts';
import type { RungName } from '../../src/report/explore/explore-facts.ts';
import type { Plant } from './plant.ts';
import { recorded } from './recorded.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const timeLimitMs = isLong ? 600_000 : 150_000;
const seeds = Array.from({ length: isLong ? 20 : 1 }, (_, number) => String(number));
const rungs: readonly RungName[] = [
  'self-check',
  'watch',
  'within',
  'pairs',
  'all orders',
  'triples',
  'search',
  'crashes',
  'faults',
  'combined',
];

/** Those of `known` are bugs that other engines really had, rebuilt from their public reports. */
const files = ['plants', 'known'].flatMap((folder) =>
  readdirSync(join(import.meta.dirname, folder)).map((name) => join(import.meta.dirname, folder, name)),
);
for (const file of files) {
  const { plant } = (await import(file)) as { plant: Plant };
  it(
    `finds: ${plant.title} (${basename(file)})`,
    async () => {
      const { make, invariant, outside, compare, crashes, faults = 'all', rung, lateAnswersMs } = plant;
      const late = lateAnswersMs === undefined ? {} : { lateAnswersMs };
      const subject = outside === undefined ? await recorded(make(), late) : { input: {}, outside };
      for (const seed of seeds) {
        const options = {
          seed,
          crashes: crashes ?? (rung === 'crashes' || rung === 'combined'),
          ...(faults !== 'none' && (rung === 'faults' || rung === 'combined') ? { faults } : {}),
          ...(compare === undefined ? {} : { compare }),
          ...(invariant === undefined ? {} : { invariant }),
        };
        const { verdict, finding } = await explore(make, subject, options);
        if (plant.rung === 'self-check') {
          expect(verdict).toBe('not repeatable');
          continue;
        }
        expect(verdict).toBe('found');
        if (finding === undefined) continue;
        expect(rungs.indexOf(finding.rung)).toBeLessThanOrEqual(rungs.indexOf(plant.rung));
        if (plant.rung === 'pairs') expect(finding.after).toBeLessThanOrEqual(2);
        expect(finding.after).toBeLessThanOrEqual(200);
        const { holds, deaths = [], faults: failing = [] } = finding;
        expect(holds.length + deaths.length + failing.length).toBeLessThanOrEqual(plant.depth);
        expect(finding.shrunk.runs).toBeLessThanOrEqual(100);
        if (plant.kind !== undefined) {
          expect(finding.kind).toBe(plant.kind);
          expect(finding.divergences).not.toEqual([]);
        }
        if (plant.variable !== undefined) {
          const names = finding.variables?.map(({ name }) => name);
          if (plant.isNamedFirst === true) expect(names?.[0]).toBe(plant.variable);
          else expect(names).toContain(plant.variable);
        }
        const again = await explore(make, subject, { ...options, only: finding.schedule });
        expect(again.verdict).toBe('found');
        expect(again.finding?.divergences).toEqual(finding.divergences);
      }
    },
    timeLimitMs,
  );
}
