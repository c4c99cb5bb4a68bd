import { recordRun } from 'reprise/record';
import { forecast } from './graph';
import { check } from './desk.mjs';

const { run } = await recordRun(forecast, {}, { out: 'fixtures/', runId: 'sky-1', force: true });
if (run.status !== 'done' || run.state.sky !== 'rain') throw new Error(run.status);
console.log(await check());
