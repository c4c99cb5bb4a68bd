/** What a plant imports while it runs. */
export const board = { last: '' };
