// What a report says to do next is what accepts the change: offline where that is enough, live only where something new is asked
// for, and by another recording where people were asked.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import type { AnyGraph } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { expect, it } from 'vitest';
import { replayText } from '../../../src/report/divergence/replay-text.ts';
import { updateFixture } from '../../../src/update/update-fixture.ts';
import { refusedText } from '../../../src/vitest/accepted.ts';
import { temporaryFolder } from '../../support/folder.ts';

interface Code {
  readonly prompt?: string;
  readonly question?: string | false;
  readonly signal?: string;
  readonly audits?: boolean;
  readonly waits?: boolean;
}

function desk({ prompt = 'Draft it.', question = 'Refund?', signal = 'paid', audits = true, waits }: Code): AnyGraph {
  return graph('desk', { state: fields({ note: last(''), draft: last(''), end: last('') }) })
    .node('look', async (_state, { effect }) => ({
      delta: { note: await effect('look', {}, () => 'a note') },
    }))
    .node('draft', async ({ note }, { effect, sleep }) => {
      if (waits === true) await sleep(1_000);
      const draft = await effect('model', { prompt, note }, () => 'a draft');
      if (audits) await effect('audit', { draft }, () => undefined);
      return { delta: { draft } };
    })
    .node('approve', async (_state, { ask }) => {
      if (question !== false) await ask(question);
    })
    .node('pay', async (_state, { receive }) => {
      await receive(signal);
      return { delta: { end: 'paid' } };
    })
    .edge('look', 'draft')
    .edge('draft', 'approve')
    .edge('approve', 'pay')
    .start('look')
    .build() as unknown as AnyGraph;
}

async function recorded(): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(desk({}), { store });
  await engine.run({}, { runId: 'one', seed: 'seed' });
  await engine.answer('one', undefined, { approved: true });
  await engine.resume('one');
  await engine.send('one', 'paid', {});
  const run = await engine.resume('one');
  expect(run.status).toBe('done');
  return exportRunTo(store, 'one', join(temporaryFolder(), 'one.run.jsonl'));
}

const offline = 'accept it with `npx reprise replay';
const again = 'record the run again: an update asks nobody, and waits for no signal';

it.each([
  ['an effect that is gone', { audits: false }, offline, false],
  ['another output, on which no request depends', { waits: true }, offline, false],
  ['a question that is gone', { question: false }, offline, false],
  ['another prompt', { prompt: 'Draft it, please.' }, '--update --live`', true],
  ['the text of a question', { question: 'Please refund?' }, again, undefined],
  ['the name of a signal', { signal: 'settled' }, again, undefined],
] as const)('%s', async (_what, code, next, live) => {
  const path = await recorded();
  const { report } = await replay(desk(code), path);
  const whole = replayText(report, undefined, undefined, {}).replaceAll(/\s+/g, ' ');
  // What comes after a stop is not known.
  const text = whole.replace(/if a later request differs too.*?`.*?`/, '');
  expect(text).toContain(next);
  expect(text.includes('--live')).toBe(live === true);
  if (live === undefined) {
    const before = readFileSync(path);
    for (const each of [false, true]) {
      const update = await updateFixture(desk(code), path, { live: each });
      expect(update).toMatchObject({ verdict: 'refused', why: 'nobody is asked' });
      expect(refusedText(update)).toContain('record the run again');
    }
    expect(readFileSync(path)).toEqual(before);
    return;
  }
  if (live) expect(await updateFixture(desk(code), path)).toMatchObject({ verdict: 'refused', why: 'not recorded' });
  expect(await updateFixture(desk(code), path, { live })).toMatchObject({ verdict: 'updated' });
  expect((await replay(desk(code), path)).report.verdict).toBe('same');
});
