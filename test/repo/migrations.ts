// What a migration of tables that are in use may do: two releases that follow each other work on them at once, and nobody waits
// for long. It adds tables, columns that may be left out, and indexes of tables that it makes itself.

interface Rule {
  readonly what: RegExp;
  readonly why: string;
}

const rules: readonly Rule[] = [
  {
    what: /\bDROP\s+(?:TABLE|COLUMN|INDEX|SEQUENCE|FUNCTION|CONSTRAINT|SCHEMA)\b/i,
    why: 'takes away what the release before uses',
  },
  { what: /\bRENAME\b/i, why: 'takes a name away that the release before uses' },
  {
    what: /\bALTER\s+(?:COLUMN\s+)?\S+\s+(?:SET\s+DATA\s+)?TYPE\b/i,
    why: 'writes the whole table again under its lock',
  },
  {
    what: /\bSET\s+NOT\s+NULL\b/i,
    why: 'reads the whole table under its lock, and refuses what the release before writes',
  },
  { what: /\b(?:VACUUM\s+FULL|CLUSTER|TRUNCATE|LOCK\s+TABLE)\b/i, why: 'locks a table' },
];

const addedColumn = /\bADD\s+(?:COLUMN\s+)(?:IF\s+NOT\s+EXISTS\s+)?[^,;]*/gi;
/** A default that is worked out for each row writes the table again. */
const volatileDefault =
  /\bDEFAULT\s+(?:\w+\.)?(?:random|gen_random_uuid|clock_timestamp|nextval|pg_current_xact_id)\s*\(/i;
const addedConstraint = /\bADD\s+(?:CONSTRAINT\b|CHECK\b|FOREIGN\b|UNIQUE\b|PRIMARY\b|EXCLUDE\b)[^,;]*/gi;
const madeTable = /\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\S+)/gi;
const madeIndex = /\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+.*?\bON\s+(?:ONLY\s+)?([^\s(]+)/gi;

/** What of a migration is not allowed, and why. `contracts`: it takes away what two releases no longer use. */
export function migrationFaults(text: string, { contracts = false } = {}): readonly string[] {
  const faults = rules.flatMap(({ what, why }) =>
    what.test(text) && !(contracts && why.startsWith('takes')) ? [why] : [],
  );
  for (const [column] of text.matchAll(addedColumn)) {
    if (/\bNOT\s+NULL\b/i.test(column) && !/\bDEFAULT\b/i.test(column))
      faults.push('refuses rows of the release before');
    if (volatileDefault.test(column)) faults.push('writes the whole table again under its lock');
  }
  for (const [constraint] of text.matchAll(addedConstraint))
    if (!/\bNOT\s+VALID\b/i.test(constraint)) faults.push('reads the whole table under its lock');
  const made = new Set([...text.matchAll(madeTable)].map(([, name]) => name));
  for (const [, table] of text.matchAll(madeIndex))
    if (!made.has(table)) faults.push('builds an index while nobody may write to its table');
  return faults;
}
