export { shellOption, shellWord } from '../../src/report/index.ts';
