/** How often a worker says that it has its turn: on a busy machine, time is what workers get of it. */
export const beatMs = 250;
