// Three calls to a server. The last one may take forever, for a run to be interrupted in.
import { append, fields, graph, last } from 'reprise';

const server = process.env.ERRANDS_URL ?? '';

export const errands = graph('errands', {
  state: fields({ customer: last<string>(), receipts: append<string>(), summary: last<string>('') }),
})
  .node('quote', async (state) => {
    const answer = await fetch(`${server}/quote?for=${state.customer}`);
    return { delta: { receipts: [await answer.text()] } };
  })
  .node('settle', async (state, { effect }) => {
    const call = (path: string): Promise<string> =>
      effect(path, { customer: state.customer }, async (_request, { idempotencyKey, signal }) => {
        const headers = { 'idempotency-key': idempotencyKey };
        return (await fetch(`${server}/${path}`, { method: 'POST', headers, signal })).text();
      });
    return { delta: { receipts: [await call('pay'), await call('ship')] } };
  })
  .node('report', (state) => ({ delta: { summary: state.receipts.join(', ') } }))
  .edge('quote', 'settle')
  .edge('settle', 'report')
  .start('quote')
  .build();
