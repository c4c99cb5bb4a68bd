// What a user's reducer promises about itself. Kept in the description of the graph, and tested as a law.
export const reducerPromises = ['order-independent', 'associative', 'idempotent', 'identity'] as const;
/**
 * - `order-independent`: the order of the deltas of a step changes nothing.
 * - `associative`: deltas may be merged with one another first, and into the value afterwards. They are values as well.
 * - `idempotent`: a delta that is merged again changes nothing.
 * - `identity`: the empty delta (`[]`, `{}`, `''`, an empty set or map; else the initial value) changes nothing.
 */
export type ReducerPromise = (typeof reducerPromises)[number];
