// What a reducer of the user's promises about itself: kept in the description of the graph, tested as a law.
import { checkOptionKeys, checkOptionObject, optionInvalid } from '../base/option-check.ts';

export const reducerPromises = ['order-independent', 'associative', 'idempotent'] as const;
export type ReducerPromise = (typeof reducerPromises)[number];

/** @throws RepriseError `option-invalid` */
export function checkPromises(options: unknown, where: string): readonly ReducerPromise[] | undefined {
  checkOptionObject(options, where);
  checkOptionKeys(options, ['promises'], where);
  const { promises } = options as { readonly promises?: unknown };
  if (promises === undefined) return undefined;
  if (!Array.isArray(promises)) throw optionInvalid(`promises of ${where}`, `a list of ${promiseList()}`, promises);
  for (const promise of promises) {
    if (!reducerPromises.includes(promise))
      throw optionInvalid(`a promise of ${where}`, `one of ${promiseList()}`, promise);
  }
  return Object.freeze([...promises]) as readonly ReducerPromise[];
}

function promiseList(): string {
  return reducerPromises.map((promise) => `"${promise}"`).join(', ');
}
