// No byte of a fixture holds a secret, whatever it is, however it is written, and wherever it stands.
import { gunzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { RepriseError } from '../../../src/base/error.ts';
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

/** 40 kinds; in the long size 5 of each. */
const secrets = (isLong ? [3, 20, 37, 54, 71] : [3]).flatMap(plantedSecrets);

/** Every secret in 3 disguises, in the long size in all of them, each at the next place. */
function cases(): readonly Case[] {
  let next = 0;
  return secrets.flatMap((secret, index) =>
    disguises.flatMap((disguise, number) => {
      if (!isLong && (number + index) % 5 !== 0) return [];
      next += 1;
      return { secret, disguise, place: placeNames[next % placeNames.length] as PlaceName };
    }),
  );
}

const [inJson] = disguises as readonly [Disguise];

function countOf(names: readonly string[]): number {
  return new Set(names).size;
}

async function bytesOf(entries: readonly Entry[]): Promise<Buffer> {
  return Buffer.concat(await collected(writeFixture(() => later(entries), { redact: plantedRules })));
}

/** What is packed in a fixture: the body of a request, or bytes. */
function unpacked(text: string): readonly string[] {
  return [...text.matchAll(/H4sI[\w+/]+=*/g)].flatMap(([packed]) => {
    try {
      return [gunzipSync(Buffer.from(packed, 'base64')).toString()];
    } catch {
      // A piece of one.
      return [];
    }
  });
}

/** Half of an encoded text may decode to half of a secret: what cannot be told is not written. */
function mayRefuse({ name }: Disguise, place: PlaceName): boolean {
  return /base64/.test(name) && (place === 'chunks' || place === 'events');
}

/** What is said piece by piece, put together: in the events of a body, in chunks and in events. */
function streamed(fixture: string): readonly string[] {
  const lines = fixture.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]));
  const body = lines.map(({ kind, text }) => (kind === 'body' ? text : '')).join('');
  const said = [...body.matchAll(/^data: (.*)$/gm)].map(([, json]) => (JSON.parse(json as string) as Said).delta?.text);
  const chunks = lines.flatMap(({ deltas = [] }) => deltas.map(({ text }) => text));
  const events = lines.map(({ data }) => data?.piece);
  return [said, chunks, events].map((pieces) => pieces.join(''));
}

interface Said {
  readonly delta?: { readonly text?: string };
}

interface Line {
  readonly kind?: string;
  readonly text?: string;
  readonly deltas?: readonly { readonly text?: string }[];
  readonly data?: { readonly piece?: string };
}

/** As it stands, as it is packed and streamed inside, and as a file that ends in `.zst`. */
function formsOf(fixture: Buffer): readonly string[] {
  const text = fixture.toString('utf8');
  return [text, ...streamed(text), zstdCompressSync(fixture).toString('latin1'), ...unpacked(text)];
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

describe('a planted secret', { timeout: isLong ? 1_800_000 : 180_000 }, () => {
  it('is of one of 40 kinds, in one of 12 disguises or more, at every place', () => {
    const all = cases();
    expect(countOf(all.map(({ secret }) => secret.kind))).toBe(40);
    expect(countOf(all.map(({ secret }) => secret.secret))).toBe(isLong ? 200 : 40);
    expect(countOf(all.map(({ disguise }) => disguise.name))).toBeGreaterThanOrEqual(12);
    expect(countOf(all.map(({ place }) => place))).toBe(placeNames.length);
  });

  it('stands in no byte of a fixture, packed or not', async () => {
    const leaks: string[] = [];
    let packedCount = 0;
    for (const { secret, disguise, place } of cases()) {
      const name = `${secret.kind} as ${disguise.name} in ${place}`;
      const entries = planted(disguise.write(secret), place);
      const written = await bytesOf(entries).catch((thrown: unknown) => String(thrown));
      if (typeof written === 'string') {
        if (!mayRefuse(disguise, place)) leaks.push(`refused: ${name}: ${written}`);
        continue;
      }
      const forms = formsOf(written);
      packedCount += forms.length - 5;
      if (forms.some((form) => holds(form, secret.secret))) leaks.push(name);
    }
    expect(leaks).toEqual([]);
    expect(packedCount).toBeGreaterThan(0);
  });

  it('is seen where it is streamed', async () => {
    const text = 'the word is T0p-AbCdEfGhJk4x7, and no other';
    const places = ['pieces of a stream', 'chunks', 'events'] as const;
    for (const place of places)
      expect(streamed((await bytesOf(planted(text, place))).toString('utf8')).join(' ')).toContain(text);
  });

  it('is refused where a weak rule finds it in one place and leaves it in another', async () => {
    const left: string[] = [];
    for (const given of secrets) {
      const { kind, secret } = given;
      // Nothing decodes this, so nothing replaces it.
      const hex = Buffer.from(secret).toString('hex');
      const entries = planted(inJson.write(given), 'answer', { found: `0x${hex}` });
      const end = await bytesOf(entries).catch((thrown: unknown) => thrown);
      if (!(end instanceof RepriseError) || end.code !== 'secret-found' || end.fields.rule !== 'known') left.push(kind);
      else if (String(end).includes(secret) || String(end).includes(hex)) left.push(`${kind} is told`);
    }
    expect(left).toEqual([]);
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
