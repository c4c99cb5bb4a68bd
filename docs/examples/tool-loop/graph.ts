// A model calls tools until it knows the answer: one node asks, the other answers its calls.
import type { ResponseFunctionToolCall, ResponseInputItem } from 'openai/resources/responses/responses';
import { append, fields, graph, input, last } from 'reprise';
import { ask } from './model.ts';
import { callTool } from './tools.ts';

export const toolLoop = graph('tool-loop', {
  state: fields({ question: last<string>(), items: append<ResponseInputItem>(), answer: last('') }),
  inputs: { tool: input<ResponseFunctionToolCall>() },
})
  .node('ask', async (state, { send, stop }) => {
    const { items, text } = await ask([{ role: 'user', content: state.question }, ...state.items]);
    const calls = items.filter((item) => item.type === 'function_call');
    if (calls.length === 0) return { delta: { items, answer: text }, route: stop() };
    return { delta: { items }, route: calls.map((call) => send('tool', call)) };
  })
  .node('tool', async (_state, { effect, input: { name, arguments: given, call_id, caller = null } }) => {
    const result = await effect(name, given, () => callTool(name, given));
    const output = JSON.stringify(result);
    return { delta: { items: [{ type: 'function_call_output', call_id, caller, output }] } };
  })
  .edge('tool', 'ask')
  .start('ask')
  .build();
