import { setTimeout as wait } from 'node:timers/promises';
import { append, fields, graph } from '../../../src/index.ts';
import type { Correct } from '../plant.ts';

const timeoutMs = 120;

export const correct: Correct = {
  title: 'attempts that timed out after a sleep, and their retries',
  make: () =>
    graph('late', { state: fields({ said: append<string>() }) })
      .node('begin', () => {})
      .node(
        'chunks',
        async function* (_state, { attempt, sleep }) {
          yield { said: [`chunk of ${attempt}`] };
          await sleep(20);
          if (attempt === 1) await wait(2 * timeoutMs);
          return {};
        },
        { timeoutMs, retry: { attempts: 2, delayMs: 5 } },
      )
      .node(
        'effects',
        async (_state, { attempt, effect, sleep }) => {
          // The same in each attempt: one whose answer is late has the key of the other.
          const said = await effect('ask', {}, () => wait(5, `answer ${attempt}`), { repeat: true });
          await sleep(20);
          if (attempt === 1) await wait(2 * timeoutMs);
          return { delta: { said: [said] } };
        },
        { timeoutMs, retry: { attempts: 2, delayMs: 5 } },
      )
      .node(
        'timers',
        async function* (_state, { attempt }) {
          yield { said: [`part of ${attempt}`] };
          await wait(20);
          if (attempt === 1) await wait(2 * timeoutMs);
          return {};
        },
        { timeoutMs, retry: { attempts: 2, delayMs: 5 } },
      )
      .edge('begin', 'chunks')
      .edge('begin', 'effects')
      .edge('begin', 'timers')
      .start('begin')
      .build(),
};
