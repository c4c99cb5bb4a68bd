import { shellOption as optionOf } from '../../../src/report/index.ts';
import { shownPlace } from './server-address.ts';

export { shellWord } from '../../../src/report/index.ts';

/** As that of reports. A password in the address of a server is left out. */
export function shellOption(name: string, value: string | undefined): string {
  return optionOf(name, value === undefined ? value : shownPlace(value));
}
