import { describe, expect, it } from 'vitest';
import { canonicalValue } from '../../../../src/base/value.ts';
import type { Value } from '../../../../src/base/value.ts';
import { formsOf } from '../../../../src/journal/ambient/draw-forms.ts';
import { ReplacedDraws, withReplacedDraws } from '../../../../src/journal/ambient/replaced-draws.ts';
import { derivedDraw, isOfSource } from '../../../../src/journal/ambient/random-source.ts';
import type { AmbientEntry, AmbientRead, Entry, EventEntry } from '../../../../src/journal/entry.ts';
import { attemptKey, stepKey, taskKey } from '../../../../src/journal/key.ts';
import { collected, later } from '../../../support/journals.ts';

const at = attemptKey(taskKey(stepKey('', 1), 0), 1);
const bytes = Buffer.from('d6e782c2a0efce73e66661dd977f2848', 'hex');
const uuid = 'dac58bc1-25f8-423a-b69a-89d662ed96be';
const seed = 'seed';

function ambient(...reads: readonly (readonly [string, readonly Value[]])[]): AmbientEntry {
  const observed = {
    time: 1,
    reads: reads.map(([source, values]): AmbientRead => ({ segment: 0, source, from: 0, values })),
  };
  return { kind: 'ambient', at, node: 'node', ordinal: 0, observed };
}

/** What stands instead of the only value of a source. */
function instead(source: string, drawn: Value): Value {
  return derivedDraw(seed, { at, segment: 0, source, place: 0 }, drawn);
}

function knowing(...reads: readonly (readonly [string, readonly Value[]])[]): ReplacedDraws {
  const draws = new ReplacedDraws(seed);
  draws.learn(ambient(...reads));
  return draws;
}

function nanoIdOf(drawn: Uint8Array): string {
  const alphabet = 'useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict';
  return [...drawn].map((byte) => alphabet[byte % 64]).join('');
}

describe('a value that came from crypto', () => {
  it.each([
    ['crypto.randomBytes(16)', new Uint8Array(bytes)],
    ['crypto.randomUUID', uuid],
    ['crypto.randomUUIDv7', '01a2232a-3f99-714a-b13d-93e457eb17ab'],
    ['crypto.randomInt(0,1000000)', 123_456],
    ['crypto.randomInt(-2000000,0)', -123_456],
  ] as const)('is replaced where it was drawn by one of the same form: %s', (source, drawn) => {
    const learned = new ReplacedDraws(seed).learn(ambient([source, [drawn]]));
    const [value] = learned.observed.reads?.[0]?.values ?? [];
    expect(value).toEqual(instead(source, drawn));
    expect(value).not.toEqual(drawn);
    expect(isOfSource(source, value)).toBe(true);
    expect(String(value)).toHaveLength(typeof drawn === 'object' ? String(value).length : String(drawn).length);
  });

  it('of an id that begins with the time keeps the time', () => {
    const drawn = '01a2232a-3f99-714a-b13d-93e457eb17ab';
    expect(String(instead('crypto.randomUUIDv7', drawn)).slice(0, 15)).toBe('01a2232a-3f99-7');
  });

  it('is replaced wherever it stands as text', () => {
    const draws = knowing(['crypto.randomBytes(16)', [new Uint8Array(bytes)]], ['crypto.randomUUID', [uuid]]);
    const other = Buffer.from(instead('crypto.randomBytes(16)', bytes) as Uint8Array);
    const otherUuid = String(instead('crypto.randomUUID', uuid));
    for (const form of ['hex', 'base64', 'base64url'] as const)
      expect(draws.text(`a ${bytes.toString(form)}, b`)).toBe(`a ${other.toString(form)}, b`);
    expect(draws.text(bytes.toString('hex').toUpperCase())).toBe(other.toString('hex').toUpperCase());
    expect(draws.text(`urn:uuid:${uuid}/${uuid}`)).toBe(`urn:uuid:${otherUuid}/${otherUuid}`);
    expect(draws.text(uuid.replaceAll('-', ''))).toBe(otherUuid.replaceAll('-', ''));
  });

  it('is replaced in the ids that packages make of it', () => {
    const ids = formsOf(new Uint8Array(bytes)).map(({ text }) => text);
    // What uuid 14 and nanoid 6 make of these bytes.
    const made = ['d6e782c2-a0ef-4e73-a666-61dd977f2848', '74e7-8f99-99dd977f2848', nanoIdOf(bytes)];
    const draws = knowing(['crypto.randomBytes(16)', [new Uint8Array(bytes)]]);
    const others = formsOf(instead('crypto.randomBytes(16)', bytes)).map(({ text }) => text);
    for (const id of made) {
      expect(ids).toContain(id);
      expect(draws.text(`id ${id}`)).toBe(`id ${others[ids.indexOf(id)]}`);
    }
  });

  it('is replaced where only a beginning or a piece of it stands, but not what merely resembles it', () => {
    const draws = knowing(['crypto.randomBytes(16)', [new Uint8Array(bytes)]]);
    const hex = bytes.toString('hex');
    const other = Buffer.from(instead('crypto.randomBytes(16)', bytes) as Uint8Array).toString('hex');
    expect(draws.text(`${hex.slice(0, 8)}!`)).toBe(`${other.slice(0, 8)}!`);
    expect(draws.text(`!${hex.slice(7, 19)}!`)).toBe(`!${other.slice(7, 19)}!`);
    for (const text of [`${hex.slice(0, 7)}!`, `!${hex.slice(7, 16)}!`, 'd6e782', ''])
      expect(draws.text(text)).toBe(text);
  });

  it('is replaced in every kind of value, and nothing else is', () => {
    const draws = knowing(['crypto.randomUUID', [uuid]], ['crypto.randomInt(0,1000000)', [123_456]]);
    const other = String(instead('crypto.randomUUID', uuid));
    const code = instead('crypto.randomInt(0,1000000)', 123_456);
    const holding = (id: string, number: Value): Value =>
      canonicalValue(
        {
          [id]: [id, { deep: new Map([[id, new Set([id])]]) }],
          bytes: new Uint8Array(Buffer.from(`id=${id}`)),
          error: Object.assign(new Error(`no ${id}`, { cause: new Error(id) }), { id }),
          number,
          text: `code ${number}, 91234567`,
          same: [1, 1.5, true, null, undefined, 5n],
        },
        'value',
      );
    const event = (data: Value): EventEntry => ({
      kind: 'event',
      at,
      name: 'said',
      stream: '',
      ordinal: 0,
      data,
      observed: { time: 1 },
    });
    expect(draws.apply(event(holding(uuid, 123_456)))).toEqual(event(holding(other, code)));
    const untouched = event(holding('an id', 654_321));
    expect(draws.apply(untouched)).toBe(untouched);
  });

  it('is replaced in the errors that an error holds', () => {
    const error = canonicalValue(new AggregateError([new Error(`no ${uuid}`)], 'all failed'), 'error');
    const draws = knowing(['crypto.randomUUID', [uuid]]);
    const event: EventEntry = {
      kind: 'event',
      at,
      name: 'n',
      stream: '',
      ordinal: 0,
      data: error,
      observed: { time: 1 },
    };
    const { data } = draws.apply(event);
    expect(data).toBeInstanceOf(AggregateError);
    expect((data as AggregateError).errors).toMatchObject([
      { message: `no ${String(instead('crypto.randomUUID', uuid))}` },
    ]);
  });

  it('stands if it has too little text to be told from anything else', () => {
    const short = [
      ['crypto.randomBytes(2)', [new Uint8Array([1, 2])]],
      ['crypto.randomInt(0,10)', [7]],
    ] as const;
    const entry = ambient(...short);
    expect(new ReplacedDraws(seed).learn(entry).observed.reads).toEqual(entry.observed.reads);
    expect(knowing(...short).text('0102 7 AQI')).toBe('0102 7 AQI');
  });
});

it('leaves clocks, Math.random and what a source cannot have given as they are', () => {
  const entry = ambient(['Date.now', [5]], ['Math.random', [0.25]], ['crypto.randomUUID', ['no UUID at all']]);
  expect(new ReplacedDraws(seed).learn(entry)).toEqual(entry);
});

it('replaces a value in entries of its step that were written before it', async () => {
  const said: EventEntry = { kind: 'event', at, name: uuid, stream: '', ordinal: 0, data: uuid, observed: { time: 1 } };
  const run = { kind: 'run', seed } as unknown as Entry;
  const commit = { kind: 'commit', at: stepKey('', 1) } as unknown as Entry;
  const entries = await collected(
    withReplacedDraws(later([run, said, ambient(['crypto.randomUUID', [uuid]]), commit])),
  );
  expect(entries.map(({ kind }) => kind)).toEqual(['run', 'event', 'ambient', 'commit']);
  expect(JSON.stringify(entries)).not.toContain(uuid);
});
