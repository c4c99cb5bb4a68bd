// Scenarios drawn at random.
import fc from 'fast-check';
import type { Deed, Scenario } from './scenario.ts';
import { sharing } from './sharing.ts';

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Deed>({ kind: 'ask' }) },
  { weight: 1, arbitrary: fc.constantFrom<5 | 20>(5, 20).map((ms): Deed => ({ kind: 'sleep', ms })) },
  {
    weight: 2,
    arbitrary: fc.record<Deed & { kind: 'together' }>({
      kind: fc.constant('together'),
      count: fc.constantFrom<2 | 3>(2, 2, 2, 3),
      taken: fc.constantFrom('as asked', 'as asked', 'as they came', 'the first'),
    }),
  },
  { weight: 1, arbitrary: fc.boolean().map((writes): Deed => ({ kind: 'float', writes })) },
  { weight: 2, arbitrary: fc.constant<Deed>({ kind: 'read' }) },
  { weight: 2, arbitrary: fc.constant<Deed>({ kind: 'write' }) },
  { weight: 1, arbitrary: fc.constant<Deed>({ kind: 'write the same' }) },
);

/** Half of them share nothing, so that there is something to prove. */
function tasksOf(sharesAnything: boolean): fc.Arbitrary<readonly (readonly Deed[])[]> {
  const own = sharesAnything
    ? deed
    : deed.filter((each) => /^(?:ask|sleep|together)$/.test(each.kind) || (each.kind === 'float' && !each.writes));
  return fc.array(fc.array(own, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 4 });
}

/** In which some of the requests depend on what was written. */
export function tellingScenarios(ordersMax: number): fc.Arbitrary<Scenario> {
  const telling = fc.oneof(
    { weight: 3, arbitrary: deed },
    { weight: 2, arbitrary: fc.constant<Deed>({ kind: 'tell' }) },
  );
  const tasks = fc.array(fc.array(telling, { minLength: 2, maxLength: 5 }), { minLength: 2, maxLength: 4 });
  return fc
    .record({
      shared: fc.constantFrom(...Object.keys(sharing)),
      steps: fc.array(tasks, { minLength: 1, maxLength: 2 }),
    })
    .filter(({ steps }) => steps.reduce((product, each) => product * ordersOf(each), 1) <= ordersMax);
}

export function scenarios(ordersMax: number): fc.Arbitrary<Scenario> {
  return fc
    .boolean()
    .chain((sharesAnything) =>
      fc.record({
        shared: fc.constantFrom(...Object.keys(sharing)),
        steps: fc.array(tasksOf(sharesAnything), { minLength: 1, maxLength: 2 }),
      }),
    )
    .filter(({ steps }) => steps.reduce((product, tasks) => product * ordersOf(tasks), 1) <= ordersMax);
}

/** How many orders a step has, at most. */
function ordersOf(tasks: readonly (readonly Deed[])[]): number {
  let [orders, total] = [1, 0];
  for (const deeds of tasks) {
    // Its start, and what it asks for; what is asked for together comes in any order.
    const asked = deeds.reduce((sum, each) => sum + eventsOf(each), 1);
    for (let place = 1; place <= asked; place += 1) {
      total += 1;
      orders = (orders * total) / place;
    }
    for (const each of deeds) {
      if (each.kind === 'together') orders *= each.count === 2 ? 2 : 6;
      if (each.kind === 'float') orders *= asked;
    }
  }
  return orders;
}

function eventsOf(each: Deed): number {
  if (each.kind === 'together') return each.count;
  return /^(?:ask|sleep|float|tell)$/.test(each.kind) ? 1 : 0;
}
