import { RepriseError } from '../../src/index.ts';

export interface ConfirmArguments {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** A command that deletes wants to be told so. `what`: the command as it was given. @throws RepriseError `usage` */
export function checkConfirmed({ dryRun, yes }: ConfirmArguments, what: string): void {
  if (dryRun === true || yes === true) return;
  throw new RepriseError('usage', 'runs are deleted for good', {
    nextStep: `See which: ${what} --dry-run. Then delete them: ${what} --yes`,
  });
}
