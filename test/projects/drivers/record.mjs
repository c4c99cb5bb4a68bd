// Records a run against the server that is up, and writes its fixture.
import assert from 'node:assert/strict';
import { recordRun } from 'reprise/record';
import { driver, weather } from './graph.mjs';

await driver.setUp();
const out = `fixtures/${process.env.DRIVER}.run.jsonl`;
const { run } = await recordRun(weather, {}, { out, force: true });
await driver.close();
assert.deepEqual(run.state, { said: ['Oslo: 7 mm', 'again: 7 mm'] });
