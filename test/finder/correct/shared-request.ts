import { append, fields, graph, input } from '../../../src/index.ts';
import { answerAfter } from '../paths.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'a token and a setting that the first task to need them asks for, and all others wait for',
  make() {
    let token: Promise<string> | undefined;
    let settings = new Map<string, Promise<string>>();
    return graph('shared', { state: fields({ found: append<string>() }), inputs: { work: input<{ id: string }>() } })
      .node('plan', (_state, { send }) => {
        token = undefined;
        settings = new Map();
        return { route: ['a', 'b', 'c'].map((id) => send('work', { id })) };
      })
      .node('work', async (_state, { input: { id } }) => {
        token ??= answerAfter(5, 'token');
        const page = await answerAfter(id === 'a' ? 12 : 1, id, 200, { headers: { 'x-session': await token } });
        const known = settings.get('setting') ?? answerAfter(2, 'setting');
        settings.set('setting', known);
        return { delta: { found: [`${page} with ${await known}`] } };
      })
      .start('plan')
      .build();
  },
};
