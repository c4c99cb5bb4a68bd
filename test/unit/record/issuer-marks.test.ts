// Code looks at what a key begins with and how long it is, so the mark of a key keeps that. No scan for leaked keys takes one for a
// key: those of some issuers are nothing but a beginning and some characters, so their marks have a full stop.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fields, graph, last } from 'reprise';
import { recordRun } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { credentialMark } from '../../../src/journal/redact/credential-mark.ts';
import { shapeKind } from '../../../src/journal/redact/credential-shape.ts';
import { isMark } from '../../../src/journal/redact/mark.ts';
import { redactRequest, redactValue } from '../../../src/journal/redact/redact.ts';
import { RedactionMarks } from '../../../src/journal/redact/redaction-marks.ts';
import { temporaryFolder } from '../../support/folder.ts';

const characters = 'AbCdEfGhJkLmNpQrStUvWxYz0123456789aBcDeFgHjKlMnPqRsTuVwXyZ9876543210';
// Put together here, so that no scan of this repository takes one for a real one.
const keys: readonly (readonly [string, string, string])[] = [
  ['Stripe, live', 'sk_live_', characters.slice(0, 24)],
  ['Stripe, test', 'sk_test_', characters.slice(0, 24)],
  ['Google', 'AIza', `SyA-${characters.slice(0, 31)}`],
  ['SendGrid', 'SG.', `${characters.slice(0, 22)}.${characters.slice(0, 43)}`],
  ['ElevenLabs', 'sk_', '0123456789abcdef'.repeat(3)],
  ['Groq', 'gsk_', characters.slice(0, 52)],
];

/** As scans for leaked keys look for them. */
const looksLeaked =
  /[sr]k_(?:live|test)_[0-9a-zA-Z]{10,}|AIza[\w-]{35}|SG\.[\w-]{16,}\.[\w-]{16,}|sk_[0-9a-f]{48}|gsk_[a-zA-Z0-9]{20,}/;

const looking = graph('looking', {
  state: fields({ apiKey: last<string>(), note: last<string>(), said: last<unknown>(null) }),
})
  .node('look', async ({ apiKey, note }, { effect }) => {
    await effect('ask', { apiKey, note, prompt: `with ${apiKey}.` }, async () => 'ok');
    return { delta: { said: [apiKey.slice(0, 3), apiKey.length, `${apiKey}|${note}`] } };
  })
  .start('look')
  .build();

describe.each(keys)('the mark of a key of %s', (_name, beginning, rest) => {
  const key = beginning + rest;

  it('keeps what its issuer begins it with, and its length, so that the run replays', async () => {
    const out = join(temporaryFolder(), 'looking.run.jsonl');
    await recordRun(looking, { apiKey: key, note: `use ${key} now` }, { out });
    const text = readFileSync(out, 'utf8');
    expect(text).toContain(`"${beginning}redacted.0`);
    expect(text).not.toMatch(looksLeaked);
    expect(text).not.toContain(rest);
    expect((await replay(looking, out)).report.verdict).toBe('same');
  });

  it('is a mark, and stands for a key in a request', () => {
    const mark = credentialMark('api-key', 12, key);
    expect(mark).toHaveLength(key.length);
    expect([isMark(mark), shapeKind(mark)]).toEqual([true, shapeKind(key)]);
    const text = `use ${mark}, or ${mark}.`;
    expect(redactValue(text, new RedactionMarks())).toBe(text);
    expect(redactRequest(text)).toBe(redactRequest(`use ${key}, or ${key}.`));
  });
});
