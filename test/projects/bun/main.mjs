// As on Node, and the replay says that it guards less.
import { check, recordAndReplay } from './desk.mjs';
import { checkDrawn } from './drawn.mjs';

await checkDrawn();
const { said } = await recordAndReplay();
if (!/seal: partial: on Bun \d/.test(said)) throw new Error(`it does not say how little is sealed: ${said}`);
console.log(await check(), said);
