// The development server loads modules by itself.
import { createServer } from 'vite';

const server = await createServer({ server: { middlewareMode: true }, appType: 'custom', logLevel: 'warn' });
const { check } = await server.ssrLoadModule('/desk.mjs');
console.log(await check());
await server.close();
