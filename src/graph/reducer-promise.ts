// What a user's reducer promises about itself. Kept in the description of the graph, and tested as a law.
export const reducerPromises = ['order-independent', 'associative', 'idempotent'] as const;
export type ReducerPromise = (typeof reducerPromises)[number];
