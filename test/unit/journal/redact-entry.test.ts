import { join } from 'node:path';
import { fields, graph, last } from 'reprise';
import { recordRun } from 'reprise/record';
import { replay } from 'reprise/replay';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canonicalValue } from '../../../src/base/value.ts';
import type { Value } from '../../../src/base/value.ts';
import { encodeEntry } from '../../../src/journal/codec/entry-codec.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { redactEntry } from '../../../src/journal/redact/redact-entry.ts';
import { RedactionMarks } from '../../../src/journal/redact/redaction-marks.ts';
import { temporaryFolder } from '../../support/folder.ts';
import {
  commitEntry,
  effectEntry,
  endEntry,
  eventEntry,
  graphOf,
  outcomeEntry,
  runEntry,
} from '../../support/journals.ts';

// Put together here, so that no scan of this repository takes it for a real one.
const secret = ['sk', 'proj', 'abcdefghijklmnopqrstuvwxyz0123456789'].join('-');
const value = canonicalValue({ text: `with ${secret}`, list: [secret], map: new Map([[secret, 1]]) }, 'value');
const error = canonicalValue(Object.assign(new Error(`bad key ${secret}`), { apiKey: secret }), 'error');

const child = { ...graphOf('child'), state: { kind: 'function', initial: value } } as const;
const parent = {
  ...graphOf('parent'),
  state: {
    kind: 'fields',
    fields: {
      password: { kind: 'last', required: false, initial: 'hunter2 and more' },
      token: { kind: 'last', required: true },
      plain: { kind: 'last', required: false, initial: value },
      nothing: { kind: 'last', required: false, initial: undefined },
    },
  },
  nodes: [
    { name: 'ask', takesInput: false },
    { name: 'inner', takesInput: false, subgraph: child },
  ],
} as const;

const entries: readonly Entry[] = [
  runEntry('r', parent),
  commitEntry('0', { input: value, frontier: [{ node: 'ask', input: value }] }),
  effectEntry('1.0#1', { request: value, outcome: { kind: 'value', value } }),
  effectEntry('1.0#1', { request: value, outcome: { kind: 'error', error }, occurrence: 1 }),
  eventEntry('1.0#1', { data: value }),
  outcomeEntry('1.0#1', {
    result: { status: 'done', delta: value, routes: [{ kind: 'send', node: 'ask', input: value }] },
  }),
  outcomeEntry('1.1#1', { result: { status: 'failed', error } }),
  outcomeEntry('1.2#1', { result: { status: 'timeout', error } }),
  commitEntry('1', {
    patch: {
      kind: 'record',
      changed: { a: { kind: 'set', value }, b: { kind: 'append', items: [value] } },
      removed: [],
    },
  }),
  endEntry({ end: { status: 'failed', error } }),
  endEntry({ end: { status: 'cancelled', reason: value } }),
];

describe('a redacted entry', () => {
  it('holds no credential, wherever an entry has a value', () => {
    const marks = new RedactionMarks();
    for (const entry of entries) {
      const text = JSON.stringify(encodeEntry(redactEntry(entry, marks)));
      expect(text, entry.kind).not.toContain(secret);
      expect(text, entry.kind).not.toContain('hunter2');
      expect(text, entry.kind).toContain('sk-proj-redacted0');
    }
  });

  it('has the same keys, names and kinds, and stays as it is when it is redacted again', () => {
    const marks = new RedactionMarks();
    for (const entry of entries) {
      const redacted = redactEntry(entry, marks);
      expect(shapeOf(redacted)).toEqual(shapeOf(entry));
      expect(encodeEntry(redactEntry(redacted, marks))).toEqual(encodeEntry(redacted));
    }
  });

  it('is the same where there is nothing to redact', () => {
    const plain = [runEntry('r'), commitEntry('0', { input: { a: 1 } }), effectEntry('1.0#1'), endEntry()];
    for (const entry of plain) {
      expect(encodeEntry(redactEntry(entry, new RedactionMarks()))).toEqual(encodeEntry(entry));
    }
  });
});

function shapeOf(entry: Entry): Value {
  const { kind, at } = entry;
  const rest = 'node' in entry ? entry.node : 'name' in entry ? entry.name : undefined;
  return canonicalValue({ kind, at, rest, keys: Object.keys(entry).sort(), observed: entry.observed }, 'shape');
}

it('keeps a credential in the initial state out of a fixture, which replays all the same', async () => {
  const desk = graph('desk', { state: fields({ apiKey: last(secret), answer: last('') }) })
    .node('ask', ({ apiKey }) => ({ delta: { answer: `asked with ${apiKey}` } }))
    .start('ask')
    .build();
  const { path } = await recordRun(desk, {}, { out: join(temporaryFolder(), 'desk.run.jsonl') });
  expect(readFileSync(path, 'utf8')).not.toContain(secret);
  const { report } = await replay(desk, path);
  expect(report).toMatchObject({ verdict: 'same', divergences: [] });
});

it('keeps a cookie out of a state that lists headers without saying which', () => {
  const marks = new RedactionMarks();
  const sent = 'session=8c1f0b7e55d24d1f9a3c; Path=/; HttpOnly';
  redactEntry(effectEntry('1.0#1', { outcome: { kind: 'value', value: { 'set-cookie': [sent] } } }), marks);
  const mark = 'redacted000000000001';
  for (const text of [sent, 'session=8c1f0b7e55d24d1f9a3c', '8c1f0b7e55d24d1f9a3c']) {
    const listed = redactEntry(
      effectEntry('1.0#1', { outcome: { kind: 'value', value: ['Set-Cookie', text] } }),
      marks,
    );
    expect(listed).toMatchObject({ outcome: { value: ['Set-Cookie', text.replace('8c1f0b7e55d24d1f9a3c', mark)] } });
  }
});
