import { expect, it } from 'vitest';
import '../../../src/vitest/index.ts';
import { recorded } from '../../finder/recorded.ts';
import { plant as progressInTheModule } from '../../finder/plants/41-progress-in-the-module.ts';
import { independent, racing, retrying, thrownMessage } from './matched-graphs.ts';

it('toBeOrderIndependent shows the order, the variable and the line to paste', async () => {
  const fixture = await recorded(racing());
  const message = await thrownMessage(expect(racing).toBeOrderIndependent(fixture));
  expect(message).toContain('FOUND an order that changes the output of "work"');
  expect(message).toContain('variable `current`');
  expect(message).toMatch(/reproduce: npx reprise check \S+ --schedule 'fifo hold\(/);
  await expect(racing).not.toBeOrderIndependent(fixture);
});

it('toBeOrderIndependent passes where no order changes anything, and .not then says so', async () => {
  const fixture = await recorded(independent());
  await expect(independent).toBeOrderIndependent(fixture, { schedules: 50 });
  const message = await thrownMessage(expect(independent).not.toBeOrderIndependent(fixture));
  expect(message).toContain('expected an order that changes the result, but none was found');
});

it('toSurviveCrashes says nothing of a graph whose variables would outlive the process', async () => {
  const graph = progressInTheModule.make();
  const fixture = await recorded(progressInTheModule.make());
  const message = await thrownMessage(expect(graph).toSurviveCrashes(fixture, { schedules: 5 }));
  expect(message.replaceAll(/\s+/g, ' ')).toContain('crashes: skipped, since its nodes write variables');
  expect(message).toMatch(/^expected crashes to be tried, but they were skipped, since its nodes write variables/);
  await expect(
    thrownMessage(expect(progressInTheModule.make()).not.toSurviveCrashes(fixture, { schedules: 5 })),
  ).resolves.toContain('but they were skipped');
});

it('toSurviveCrashes shows where the process died', async () => {
  const { make } = progressInTheModule;
  const message = await thrownMessage(expect(make).toSurviveCrashes(await recorded(make()), { schedules: 5 }));
  expect(message).toMatch(/reproduce: .* --schedule 'fifo die\(/);
});

it('toHandleFaults shows the calls that no node handles', async () => {
  const fixture = await recorded(independent());
  const message = await thrownMessage(expect(independent).toHandleFaults(fixture));
  expect(message).toContain('NOT HANDLED');
  await expect(independent).not.toHandleFaults(fixture);
  await expect(retrying).toHandleFaults(await recorded(retrying()));
});

it('toHandleFaults begins with what fails it', async () => {
  const message = await thrownMessage(expect(independent).toHandleFaults(await recorded(independent())));
  expect(message).toMatch(/^expected every failure to be handled, but \d+ of \d+ (?:is|are) not\n/);
});

it('fails where the time was over before anything was tried', async () => {
  const fixture = await recorded(retrying());
  const messages = await Promise.all([
    thrownMessage(expect(retrying).toHandleFaults(fixture, { timeMs: 1 })),
    thrownMessage(expect(retrying).toSurviveCrashes(fixture, { timeMs: 1 })),
  ]);
  expect(messages.map((message) => message.split('\n', 1)[0])).toEqual([
    'expected failures to be tried, but there was no time for any',
    'expected crashes to be tried, but there was no time for any',
  ]);
});

it('says nothing of what is no graph, with .not neither', async () => {
  await expect(expect('a text').toBeOrderIndependent('a.run.jsonl')).rejects.toThrow(/was not given a graph/);
  await expect(expect('a text').not.toBeOrderIndependent('a.run.jsonl')).rejects.toThrow(/was not given a graph/);
  await expect(expect('a text').not.toReplay('a.run.jsonl')).rejects.toThrow(/was not given a graph/);
});
