// A request that changed is shown beside the one that it was, however many others of its kind there are.
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import type { ReplayOptions } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import { LoopbackServer } from '../../support/loopback-server.ts';

interface Code {
  readonly temperature?: number;
  readonly tool?: string;
  readonly tries?: number;
  /** Which prompt is changed, by its place. */
  readonly changed?: number;
}

const prompts = ['PLAN which services', 'REPORT on it', 'SUMMARY of it', 'TITLE of it', 'TAGS of it', 'CLOSE it'];

/** A conversation: each request holds what was answered before. */
const talking = (url: string, { temperature = 0, tool = 'Refund an order', tries = 1, changed }: Code = {}) =>
  graph('talking', { state: fields({ said: last<readonly string[]>([]) }) })
    .node('talk', async () => {
      const messages: { readonly role: string; readonly content: string }[] = [];
      for (const [place, prompt] of prompts.entries()) {
        messages.push({ role: 'user', content: place === changed ? `${prompt}, please` : prompt });
        messages.push({ role: 'assistant', content: await asked({ temperature, tools: [{ tool }], messages }) });
      }
      return { delta: { said: messages.map(({ content }) => content) } };
      async function asked(body: object, left = tries): Promise<string> {
        try {
          return await (await fetch(`${url}/chat`, { method: 'POST', body: JSON.stringify(body) })).text();
        } catch (error) {
          if (left > 1) return asked(body, left - 1);
          throw error;
        }
      }
    })
    .start('talk')
    .build();

async function compared(code: Code, options: ReplayOptions = {}) {
  const server = await LoopbackServer.start((asked, answer) => answer.end(`answer to ${asked.url}`));
  const store = memoryStore();
  const engine = createEngine(talking(server.url), { store, effects: [httpEffects()] });
  await engine.run({}, { runId: 'one' }).orThrow();
  await engine.close();
  await server[Symbol.asyncDispose]();
  const path = await exportRunTo(store, 'one', `${temporaryFolder()}/one.run.jsonl`);
  const { report } = await replay(talking(server.url, code), path, options);
  return report.divergences.filter(({ kind }) => kind.includes('request') || kind === 'missing effect');
}

describe('a changed request of a conversation', () => {
  it('is shown beside the one that it was', async () => {
    const found = await compared({ temperature: 0.5 });
    expect(found).toMatchObject([{ path: 'request.body.json.temperature', recorded: 0, replayed: 0.5 }]);
  });

  it('is shown once, although its client tries again', async () => {
    const found = await compared({ tool: 'Refund', tries: 3 });
    expect(found).toMatchObject([
      { path: 'request.body.json.tools[0].tool', recorded: 'Refund an order', replayed: 'Refund' },
    ]);
  });

  it.each(prompts.map((prompt, place) => ({ prompt, place })))('is found at $prompt', async ({ prompt, place }) => {
    const [first] = await compared({ changed: place });
    expect(first).toMatchObject({
      path: `request.body.json.messages[${2 * place}].content`,
      recorded: prompt,
      replayed: `${prompt}, please`,
    });
  });

  it('gets the answer that it had, where a replay is lenient', async () => {
    const found = await compared({ temperature: 0.5 }, { strictness: 'lenient' });
    expect(found.map(({ path }) => path)).toEqual(prompts.map(() => 'request.body.json.temperature'));
  });
});
