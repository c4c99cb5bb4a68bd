// The servers of the drivers: those of the machine where it has them, and for MongoDB a few messages of its protocol.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BSON } from 'mongodb';

const isRoot = process.getuid?.() === 0;

function programIn(folders, name) {
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
const usual = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin'];
const ofPostgres = existsSync('/usr/lib/postgresql')
  ? readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`)
  : [];

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(port) {
  for (let tries = 0; tries < 600; tries += 1) {
    const isUp = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
    });
    if (isUp) return;
    await pause(100);
  }
  throw new Error(`nothing answers at port ${port}`);
}

/** Servers refuse to run as root. */
function identityOf(user) {
  if (!isRoot) return {};
  const id = (flag) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function folderFor(user) {
  const folder = mkdtempSync(join(tmpdir(), 'reprise-server-'));
  if (isRoot) execFileSync('chown', [user, folder]);
  return folder;
}

async function running(what, { program, args, identity = {} }, port, url, folder) {
  const child = spawn(program, args, { stdio: 'ignore', cwd: folder, ...identity });
  await answers(port);
  return {
    what,
    url,
    port,
    async stop() {
      const over = new Promise((resolve) => child.on('exit', resolve));
      child.kill('SIGTERM');
      await over;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function postgres() {
  const initdb = programIn(ofPostgres, 'initdb');
  const program = programIn(ofPostgres, 'postgres');
  if (initdb === undefined || program === undefined) return undefined;
  const folder = folderFor('postgres');
  const port = await freePort();
  const identity = identityOf('postgres');
  const made = ['-D', folder, '-A', 'trust', '-U', 'tester', '--no-sync'];
  execFileSync(initdb, made, { stdio: 'ignore', cwd: folder, ...identity });
  const args = ['-D', folder, '-p', String(port), '-k', folder, '-h', '127.0.0.1', '-F'];
  const server = await running(
    'PostgreSQL',
    { program, args, identity },
    port,
    `postgres://tester@127.0.0.1:${port}/postgres`,
    folder,
  );
  // It takes connections a moment before it serves them.
  await pause(1_000);
  return server;
}

async function mariadb() {
  const install = programIn(usual, 'mariadb-install-db');
  const program = programIn(usual, 'mariadbd');
  if (install === undefined || program === undefined) return undefined;
  const folder = folderFor('mysql');
  const port = await freePort();
  const own = ['--no-defaults', `--datadir=${folder}`];
  const identity = identityOf('mysql');
  execFileSync(install, [...own, '--skip-test-db'], { stdio: 'ignore', cwd: folder, ...identity });
  const args = [
    ...own,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${folder}/s`,
    '--skip-grant-tables',
    '--skip-networking=0',
  ];
  const server = await running(
    'MariaDB',
    { program, args, identity },
    port,
    `mysql://root@127.0.0.1:${port}/weather`,
    folder,
  );
  const { default: mysql } = await import('mysql2/promise');
  const connection = await mysql.createConnection(`mysql://root@127.0.0.1:${port}`);
  await connection.query('create database weather');
  await connection.end();
  return server;
}

async function redis() {
  const program = programIn(usual, 'redis-server');
  if (program === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'reprise-server-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  return running('Redis', { program, args }, port, `redis://127.0.0.1:${port}`, folder);
}

/** As much of the protocol as a driver needs that inserts a document and finds it. */
async function mongo() {
  const documents = [];
  const hello = {
    ismaster: true,
    helloOk: true,
    maxWireVersion: 21,
    minWireVersion: 0,
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    ok: 1,
  };
  const answerTo = (command) => {
    if (command.insert !== undefined) {
      documents.push(...command.documents);
      return { n: command.documents.length, ok: 1 };
    }
    if (command.find === undefined) return { ...hello, localTime: new Date() };
    const found = documents.filter(({ name }) => name === command.filter.name).map(({ _id, ...rest }) => rest);
    return { cursor: { id: BSON.Long.fromNumber(0), ns: 'weather.city', firstBatch: found }, ok: 1 };
  };
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let bytes = Buffer.alloc(0);
    socket.on('data', (part) => {
      bytes = Buffer.concat([bytes, part]);
      while (bytes.length >= 4 && bytes.length >= bytes.readInt32LE(0)) {
        const message = bytes.subarray(0, bytes.readInt32LE(0));
        bytes = bytes.subarray(message.length);
        socket.write(replyTo(message, answerTo));
      }
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return {
    what: 'a fake of its protocol',
    url: `mongodb://127.0.0.1:${port}/?directConnection=true`,
    port,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const opQuery = 2004;
const opReply = 1;
const opMessage = 2013;

function replyTo(message, answerTo) {
  const id = message.readInt32LE(4);
  const isQuery = message.readInt32LE(12) === opQuery;
  const answer = BSON.serialize(answerTo(isQuery ? queryIn(message) : commandIn(message)));
  const head = Buffer.alloc(isQuery ? 36 : 21);
  head.writeInt32LE(head.length + answer.length, 0);
  head.writeInt32LE(id, 8);
  head.writeInt32LE(isQuery ? opReply : opMessage, 12);
  if (isQuery) head.writeInt32LE(1, 32);
  return Buffer.concat([head, answer]);
}

function queryIn(message) {
  const afterName = message.indexOf(0, 20) + 1 + 8;
  return BSON.deserialize(message.subarray(afterName, afterName + message.readInt32LE(afterName)));
}

/** One document, and lists of them that belong to it by name. */
function commandIn(message) {
  let command = {};
  for (let place = 20; place < message.length; ) {
    const size = message.readInt32LE(place + 1);
    if (message[place] === 0)
      command = { ...command, ...BSON.deserialize(message.subarray(place + 1, place + 1 + size)) };
    else {
      const end = place + 1 + size;
      const name = message.toString('utf8', place + 5, message.indexOf(0, place + 5));
      const list = [];
      for (let at = message.indexOf(0, place + 5) + 1; at < end; at += message.readInt32LE(at))
        list.push(BSON.deserialize(message.subarray(at, at + message.readInt32LE(at))));
      command = { ...command, [name]: list };
    }
    place += 1 + size;
  }
  return command;
}

export const servers = [
  { name: 'pg', variable: 'PG_URL', start: postgres },
  { name: 'ioredis', variable: 'REDIS_URL', start: redis },
  { name: 'mysql2', variable: 'MYSQL_URL', start: mariadb },
  { name: 'mongodb', variable: 'MONGO_URL', start: mongo },
];
