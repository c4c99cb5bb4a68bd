import pg from 'pg';
import { asEffect } from 'reprise';

const pool = new pg.Pool({ connectionString: process.env.PG_URL });
const query = asEffect('pg', async (text, values) => (await pool.query(text, values)).rows);

export const lookUp = async (city) => (await query('select name, rain from city where name = $1', [city]))[0];
export const setUp = async () => {
  await pool.query('create table city (name text, rain int)');
  await pool.query("insert into city values ('Oslo', 7)");
};
export const close = () => pool.end();
