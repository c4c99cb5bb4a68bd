// The options that the guide on streams lists are those that the two doors take.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { streamOptions } from '../../src/engine/options/stream-options.ts';
import { runOptions } from '../../src/engine/options/run-options.ts';
import { readOptions } from '../../src/stream/read-options.ts';

const guide = readFileSync(new URL('../../docs/guide/streaming.md', import.meta.url), 'utf8');
const rows = [
  ...guide.matchAll(/^\| `(?<name>\w+)(?:: '\w+')?`(?: \(default\))?(?: \(of `engine\.(?<door>\w+)`\))? \|/gm),
];
const listed = (door: string): readonly string[] => [
  ...new Set(
    rows.flatMap(({ groups }) => (groups?.door === undefined || groups.door === door ? [groups?.name ?? ''] : [])),
  ),
];
const options = new Set(['order', 'from', 'highWaterMark', 'onSlow', 'stallTimeoutMs', 'speed']);

it('of `engine.read`', () => {
  expect(
    listed('read')
      .filter((name) => options.has(name))
      .sort(),
  ).toEqual(Object.keys(readOptions.kinds).sort());
});

it('of `engine.stream`', () => {
  const ofRun = new Set(Object.keys(runOptions.kinds));
  const own = Object.keys(streamOptions.kinds).filter((name) => !ofRun.has(name));
  expect(
    listed('stream')
      .filter((name) => options.has(name))
      .sort(),
  ).toEqual(own.sort());
});
