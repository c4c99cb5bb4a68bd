// Run in a process of its own, so that its memory is the reader's (or the writer's) alone:
//   large-fixture-main.ts write <path> <steps> | read <path>
import { performance } from 'node:perf_hooks';
import type { Entry } from '../../src/journal/entry.ts';
import { openFixture } from '../../src/store/fixture/open-fixture.ts';
import { saveFixture } from '../../src/store/fixture/file/save-fixture.ts';
import { writeFixture } from '../../src/store/fixture/write-fixture.ts';
import { commitEntry, endEntry, httpEffect, outcomeEntry, runEntry } from './journals.ts';

const [command, path = '', steps = '0'] = process.argv.slice(2);

/** About 70 KB a step: a text in parts, JSON and an event stream line by line, and short entries. */
function* journal(stepCount: number): Generator<Entry> {
  yield runEntry('large');
  yield commitEntry('0');
  for (let step = 1; step <= stepCount; step += 1) {
    const at = `${step}.0#1`;
    const json = JSON.stringify({ step, items: Array.from({ length: 200 }, (_, index) => `${step} item ${index}`) });
    yield httpEffect(at, json, { observed: { began: 1, ended: 2, parts: [json.length] } });
    yield httpEffect(at, `data: {"step":${step},"text":"a few words"}\n\n`.repeat(200), { occurrence: 1 });
    for (let task = 0; task < 20; task += 1) yield outcomeEntry(`${step}.${task}#1`);
    const text = Array.from({ length: 3_000 }, (_, index) => `${step * index} words`).join(' ');
    yield commitEntry(String(step), { frontier: [{ node: 'ask', input: text }] });
  }
  yield endEntry({ step: stepCount });
}

async function* later(entries: Iterable<Entry>): AsyncGenerator<Entry> {
  yield* entries;
}

async function write(): Promise<object> {
  await saveFixture(
    path,
    writeFixture(() => later(journal(Number(steps)))),
  );
  return { steps: Number(steps) };
}

async function read(): Promise<object> {
  const before = performance.now();
  using fixture = await openFixture(path);
  const checked = performance.now();
  let [stepCount, entryCount] = [0, 0];
  for (const step of fixture.steps()) {
    stepCount += 1;
    entryCount += step.entries.length;
  }
  return { steps: stepCount, entries: entryCount, checkMs: checked - before, readMs: performance.now() - checked };
}

const result = await (command === 'write' ? write() : read());
process.stdout.write(JSON.stringify({ ...result, maxMegabytes: process.resourceUsage().maxRSS / 1_024 }));
