// No byte of a fixture holds a secret, whatever it is, however it is written, and wherever it stands.
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/journal/entry.ts';
import { encodeEntry } from '../../../src/journal/codec/entry-codec.ts';
import { lineText } from '../../../src/journal/codec/parts.ts';
import { redactionRules } from '../../../src/journal/redact/rule/redaction-rules.ts';
import { SecretScan } from '../../../src/journal/redact/secret-scan.ts';
import { learnedMarks } from '../../../src/store/fixture/redacted-run.ts';
import { writeFixture } from '../../../src/store/fixture/write-fixture.ts';
import { collected, later } from '../../support/journals.ts';
import { disguises, placeNames, planted, plantedRules, plantedSecrets } from '../../support/planted-secrets.ts';
import type { Disguise, PlaceName, PlantedSecret } from '../../support/planted-secrets.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';

interface Case {
  readonly secret: PlantedSecret;
  readonly disguise: Disguise;
  readonly place: PlaceName;
}

/** Every secret in 3 disguises at one place each; in the long size in all of them, at every place. */
function cases(): readonly Case[] {
  let next = 0;
  return plantedSecrets(isLong ? 11 : 3).flatMap((secret, index) =>
    disguises.flatMap((disguise, number) => {
      if (!isLong && (number + index) % 5 !== 0) return [];
      next += 1;
      const places = isLong ? placeNames : [placeNames[next % placeNames.length] as PlaceName];
      return places.map((place) => ({ secret, disguise, place }));
    }),
  );
}

async function bytesOf(entries: readonly Entry[]): Promise<string> {
  const chunks = await collected(writeFixture(() => later(entries), { redact: plantedRules }));
  return Buffer.concat(chunks).toString('utf8');
}

/** Half of an encoded text may decode to half of a secret: what cannot be told is not written. */
function mayRefuse({ name }: Disguise, place: PlaceName): boolean {
  return name.startsWith('base64') && (place === 'chunks' || place === 'events');
}

/** The secret in any form that gives it back. */
function holds(text: string, secret: string): boolean {
  const bytes = Buffer.from(secret);
  const cores = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  });
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    ...cores,
    bytes.toString('hex'),
  ];
  return [...forms, ...cores.map((core) => core.replaceAll('+', '-').replaceAll('/', '_'))].some((form) =>
    text.includes(form),
  );
}

describe('a planted secret', () => {
  it('stands in no byte of a fixture', async () => {
    const leaks: string[] = [];
    for (const { secret, disguise, place } of cases()) {
      const text = disguise.write(secret);
      const written = await bytesOf(planted(text, place)).catch((thrown: unknown) => String(thrown));
      if (holds(written, secret.secret)) leaks.push(`${secret.kind} as ${disguise.name} in ${place}`);
      else if (written.startsWith('RepriseError') && !mayRefuse(disguise, place))
        leaks.push(`refused: ${secret.kind} as ${disguise.name} in ${place}: ${written}`);
    }
    expect(leaks).toEqual([]);
  });

  it('is refused by the scan where a weak rule leaves it', async () => {
    const rules = redactionRules(plantedRules);
    const missed: string[] = [];
    for (const { secret, disguise } of cases()) {
      // One entry gives the secret away, and another, which nothing redacts, holds it in disguise.
      const marks = await learnedMarks(
        () => later(planted(`{"password":${JSON.stringify(secret.secret)}}`, 'answer')),
        rules,
      );
      const scan = new SecretScan(rules, marks);
      const lines = planted(disguise.write(secret), 'answer').map((entry) => lineText(encodeEntry(entry)));
      const found = [...lines.flatMap((line) => scan.add(line)), ...scan.settle()];
      if (found.length === 0) missed.push(`${secret.kind} as ${disguise.name}`);
    }
    expect(missed).toEqual([]);
  });
});
