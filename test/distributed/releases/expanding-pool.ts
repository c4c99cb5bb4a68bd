// A server whose tables have one more column each time that a statement is asked for again: as if a later release had brought
// them up to date between the two. The server has prepared it for the columns of before.
import pg from 'pg';

export class ExpandingPool extends pg.Pool {
  readonly #expander: pg.Pool;
  readonly #asked = new Set<string>();
  readonly #expanded = new Set<string>();

  /** One connection asks for everything, so each statement is prepared once. */
  constructor(url: string) {
    super({ connectionString: url, max: 1 });
    this.#expander = new pg.Pool({ connectionString: url, max: 1 });
  }

  /** The statements that were asked for again after a column was added. */
  get expanded(): ReadonlySet<string> {
    return this.#expanded;
  }

  override query(...given: unknown[]): never {
    return this.#queryAfter(given) as never;
  }

  override async end(): Promise<void> {
    await super.end();
    await this.#expander.end();
  }

  async #queryAfter(given: readonly unknown[]): Promise<unknown> {
    const { name } = given[0] as { readonly name?: string };
    if (name !== undefined) {
      const schemaEnd = name.lastIndexOf('.');
      // Once for each statement, whatever the schema.
      const statement = name.slice(schemaEnd);
      if (this.#asked.has(name) && !this.#expanded.has(statement)) {
        this.#expanded.add(statement);
        await this.#expand(name.slice(0, schemaEnd));
      }
      this.#asked.add(name);
    }
    return (super.query as (...those: readonly unknown[]) => unknown)(...given);
  }

  async #expand(quoted: string): Promise<void> {
    const schema = quoted.slice(1, -1).replaceAll('""', '"');
    const column = `later_${this.#expanded.size}`;
    await this.#expander.query(`DO $$ DECLARE t text; BEGIN
      FOR t IN SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = '${schema}' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      LOOP EXECUTE format('ALTER TABLE %I.%I ADD COLUMN ${column} text', '${schema}', t); END LOOP; END $$`);
  }
}
