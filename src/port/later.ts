/** A promise only if there is something to wait for, so that a store in memory costs no turn of the event loop. */
export type Later<Kind> = Kind | Promise<Kind>;
