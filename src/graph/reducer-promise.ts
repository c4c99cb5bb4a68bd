// What a reducer of the user's promises about itself: kept in the description of the graph, tested as a law.
export const reducerPromises = ['order-independent', 'associative', 'idempotent'] as const;
export type ReducerPromise = (typeof reducerPromises)[number];
