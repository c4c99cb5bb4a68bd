import { check } from './desk.mjs';

check().then(console.log, (error) => {
  console.error(error);
  process.exitCode = 1;
});
