// A refund that a person must approve: draft it, ask, and pay out once.
import { fields, graph, last } from 'reprise';
import { decision } from './decision.ts';
import { draftRefund, payOut } from './refunds.ts';

export const approval = graph('approval', {
  state: fields({
    order: last<string>(),
    amount: last<number>(0),
    outcome: last<string>('open'),
  }),
})
  .node('draft', async (state, { effect }) => {
    const { amount } = await effect('draft refund', { order: state.order }, draftRefund);
    return { delta: { amount } };
  })
  .node('approve', async (state, { ask, label, goto, stop }) => {
    label('before approval');
    const { approved, by, note } = await ask(
      { text: `Refund ${state.amount} for order ${state.order}?`, amount: state.amount },
      { name: 'approve', schema: decision },
    );
    if (approved) return { delta: { outcome: `approved by ${by}` }, route: goto('pay') };
    return { delta: { outcome: `refused by ${by}: ${note ?? 'no reason given'}` }, route: stop() };
  })
  .node('pay', async (state, { effect }) => {
    const { receipt } = await effect('pay out', { order: state.order, amount: state.amount }, payOut, {
      once: true,
      onDoubt: 'ask',
    });
    return { delta: { outcome: `${state.outcome}, receipt ${receipt}` } };
  })
  .edge('draft', 'approve')
  .start('draft')
  .build();
