// An effect in doubt from a shell: seen in lists and in the run, decided about by the command that is printed.
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeProject, processOf, program, reprise } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import { sharedFolder } from '../support/folder.ts';

const pay = `import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { fields, graph, last } from 'reprise';

const count = () => (existsSync('charges.log') ? readFileSync('charges.log', 'utf8').split('\\n').length : 0);
export const pay = graph('pay', { state: fields({ order: last<string>(), paid: last('no') }) })
  .node(
    'charge',
    async (state, { effect }) => ({
      delta: {
        paid: await effect(
          'charge = now',
          { order: state.order },
          (_request, { idempotencyKey }): Promise<string> => {
            const isFirst = count() === 0;
            appendFileSync('charges.log', idempotencyKey + '\\n');
            return isFirst ? new Promise(() => undefined) : Promise.resolve('by card');
          },
          { onDoubt: 'fail' },
        ),
      },
    }),
    { timeoutMs: 100, retry: { attempts: 2 } },
  )
  .start('charge')
  .build();
`;

const folder = sharedFolder();
const run = (...args: readonly string[]): Promise<Ended> => reprise(folder, args);
const charges = (): readonly string[] =>
  existsSync(join(folder, 'charges.log')) ? readFileSync(join(folder, 'charges.log'), 'utf8').trim().split('\n') : [];
const store = 'runs of mine.db';

let begun: Ended;
beforeAll(async () => {
  makeProject(folder, { 'src/pay.ts': pay });
  begun = await run('run', 'src/pay.ts', '--input', '{"order":"A-17"}', '--run-id', 'pay-1', '--store', store);
});

/** The text after `next: ` that begins with this command. */
function nextIn(text: string): string {
  const [, command] = /next: npx (reprise resume .*)$/m.exec(text) ?? [];
  expect(command).toBeDefined();
  return command as string;
}

function shellLine(command: string): string {
  return command.replace(/^reprise/, `"${process.execPath}" "${program}"`);
}

describe('a run with an effect in doubt', () => {
  it('fails with the code, the address, and what to do', () => {
    expect(begun).toMatchObject({ code: 1 });
    expect(begun.talk).toContain('effect-in-doubt');
    expect(begun.talk).toContain('1.0#1:call:"charge = now"');
    expect(charges()).toHaveLength(1);
  });

  it('is not continued by a plain resume', async () => {
    expect(await run('resume', 'pay-1', '--graph', 'src/pay.ts', '--store', store)).toMatchObject({ code: 1 });
    expect(charges()).toHaveLength(1);
  });

  it('is listed, and shown, with the command that decides', async () => {
    const listed = await run('list', '--in-doubt', '--store', store);
    expect(listed.code).toBe(0);
    expect(listed.out).toMatch(/pay-1 {2}1\.0#1:call:"charge = now"~[0-9a-f]{7} {2}"charge" began it at /);
    const shown = await run('show', 'pay-1', '--store', store);
    expect(shown.out).toContain('in doubt\n');
    expect(nextIn(shown.talk)).toBe(nextIn(listed.out));
    const { runs } = JSON.parse((await run('list', '--in-doubt', '--json', '--store', store)).out);
    expect(runs).toMatchObject([{ runId: 'pay-1', inDoubt: [{ name: 'charge = now', request: { order: 'A-17' } }] }]);
  });

  it('is shown as JSON with its end in the step that failed', async () => {
    const { out } = await run('show', 'pay-1', '--json', '--store', store);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.find(({ kind }) => kind === 'end')).toMatchObject({ step: 1, committed: 0 });
  });

  it('refuses decisions about what is not in doubt, and texts that are none', async () => {
    const decide = (text: string): Promise<Ended> =>
      run('resume', 'pay-1', '--graph', 'src/pay.ts', '--store', store, '--decide', text);
    const unknown = await decide('1.0#1:call:mail=retry');
    expect(unknown).toMatchObject({ code: 2, talk: expect.stringContaining('not-in-doubt') });
    expect(unknown.talk).toContain('In doubt: 1.0#1:call:"charge = now"~');
    expect(await decide('charge=retry')).toMatchObject({ code: 2, talk: expect.stringContaining('address') });
    expect(await decide('1.0#1:call:"charge = now"=perhaps')).toMatchObject({
      code: 2,
      talk: expect.stringContaining('not valid JSON'),
    });
    expect(await decide('1.0#1:call:"charge = now"=7')).toMatchObject({
      code: 2,
      talk: expect.stringContaining('option-invalid'),
    });
    expect(charges()).toHaveLength(1);
  });

  it('is not to be decided again once somebody has decided, and nobody has asked for it yet', async () => {
    // Code that asks for something else first.
    writeFileSync(join(folder, 'src/renamed.ts'), pay.replace("'charge = now'", "'charge = later'"));
    const decide = shellLine(nextIn((await run('list', '--in-doubt', '--store', store)).out));
    const decided = await processOf('/bin/sh', ['-c', `${decide} --graph src/renamed.ts --decided-by ana`], folder);
    expect(decided.code).not.toBe(0);
    const listed = await run('list', '--in-doubt', '--store', store);
    const shown = await run('show', 'pay-1', '--store', store);
    for (const text of [listed.out, shown.talk]) {
      expect(nextIn(text)).toBe(`reprise resume pay-1 --store '${store}'`);
      expect(text).not.toContain('find out whether it happened');
    }
    expect(listed.out).toContain('ana has decided: "retry"');
    expect(charges()).toHaveLength(1);
  });

  it('is continued by the command as it is printed', async () => {
    const command = nextIn((await run('list', '--in-doubt', '--store', store)).out);
    const resumed = await processOf('/bin/sh', ['-c', `${shellLine(command)} --graph src/pay.ts`], folder);
    expect(resumed).toMatchObject({ code: 0, out: expect.stringContaining('"paid": "by card"') });
    const [first, second] = charges();
    expect(second).toBe(first);
    expect((await run('list', '--in-doubt', '--store', store)).out).not.toContain('pay-1');
    const entries = (await run('show', 'pay-1', '--json', '--store', store)).out;
    expect(entries).toContain('"by":"ana"');
    expect((await run('show', 'pay-1', '--store', store)).out).toContain('"by card" (decided by ana)');
  });
});

describe('effects that were under way when nobody was left to record them', () => {
  const hanging = sharedFolder();
  const calls = join(hanging, 'calls.log');
  const hang = `import { appendFileSync } from 'node:fs';
import { fields, graph, last } from 'reprise';

export const hang = graph('hang', { state: fields({ paid: last('no') }) })
  .node('charge', async (_state, { effect }) => {
    const never = (): Promise<string> => {
      appendFileSync('calls.log', 'charge\\n');
      return new Promise((resolve) => setTimeout(resolve, 3_600_000));
    };
    return { delta: { paid: await effect('charge', 44, never, { onDoubt: 'fail' }) } };
  })
  .start('charge')
  .build();
`;
  const inFolder = (...args: readonly string[]): Promise<Ended> => reprise(hanging, args);
  let driving: Promise<Ended>;
  let ended: string | undefined;
  let driver: ChildProcess | undefined;
  beforeAll(async () => {
    makeProject(hanging, { 'src/hang.ts': hang });
    driving = reprise(hanging, ['run', 'src/hang.ts', '--input', '{}', '--run-id', 'hang-1', '--store', store], {
      onStart: (child) => {
        driver = child;
      },
    });
    void driving.then(({ talk }) => (ended = talk));
    while (!existsSync(calls) && ended === undefined) await wait(20);
    expect(ended).toBeUndefined();
  });

  it('are no doubt while their process lives', async () => {
    expect((await inFolder('list', '--in-doubt', '--store', store)).out).not.toContain('hang-1');
    expect((await inFolder('show', 'hang-1', '--store', store)).out).not.toContain('in doubt');
  });

  it('are listed and shown as soon as it is dead, before anybody drives the run', async () => {
    driver?.kill('SIGKILL');
    await driving;
    const listed = await inFolder('list', '--in-doubt', '--store', store);
    expect(listed.out).toMatch(/hang-1 {2}1\.0#1:call:charge~[0-9a-f]{7} {2}"charge" began it at /);
    const shown = await inFolder('show', 'hang-1', '--store', store);
    expect(shown.out).toContain('in doubt\n');
    expect(shown.out).toContain('running, and its process is gone');
    expect(shown.talk).toContain(nextIn(listed.out));
    const { runs } = JSON.parse((await inFolder('list', '--in-doubt', '--json', '--store', store)).out);
    expect(runs).toMatchObject([{ runId: 'hang-1', status: 'running', inDoubt: [{ name: 'charge' }] }]);
  });

  it('stay listed when the run is cancelled, without a command that nothing could follow', async () => {
    expect(await inFolder('cancel', 'hang-1', '--store', store)).toMatchObject({ code: 0 });
    const listed = await inFolder('list', '--in-doubt', '--store', store);
    expect(listed.out).toMatch(/hang-1 {2}1\.0#1:call:charge~/);
    expect(listed.out).toContain('cancelled');
    expect(listed.out).not.toContain('next:');
    expect((await inFolder('show', 'hang-1', '--store', store)).out).toContain('in doubt\n');
  });
});
