// Tokens of leases. Later ones are higher.

/**
 * The next token. The number alone would not do: a server that went back gives out again those that it gave out since, and
 * a process that was given one then could not be told from its new owner.
 */
export const nextToken = (s: string): string =>
  `(nextval('${s}.run_token') * 1048576 + floor(random() * 1048576)::bigint)`;
