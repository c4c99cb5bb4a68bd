import mysql from 'mysql2/promise';
import { asEffect } from 'reprise';

const pool = mysql.createPool(process.env.MYSQL_URL ?? '');
const query = asEffect('mysql', async (text, values) => (await pool.query(text, values))[0]);

export const lookUp = async (city) => (await query('select name, rain from city where name = ?', [city]))[0];
export const setUp = async () => {
  await pool.query('create table city (name text, rain int)');
  await pool.query("insert into city values ('Oslo', 7)");
};
export const close = () => pool.end();
