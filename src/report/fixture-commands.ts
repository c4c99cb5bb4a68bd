import { shellOption, shellWord } from './shell-word.ts';

/** What a command about a fixture needs to be pasted as it is printed. */
export interface FixtureCommands {
  readonly fixture: string;
  /** As the command line names it, unless the config knows it. */
  readonly graph?: string | undefined;
  /** What accepts an intended change, where that is not `reprise replay --update`. */
  readonly update?: string | undefined;
}

const commands = /`npx reprise (replay|explain|check)((?: --update)?(?: --live)?)`/g;

/** A next step, with its commands about this fixture. */
export function aboutFixture(next: string, { fixture, graph, update }: FixtureCommands): string {
  return next.replace(commands, (_whole, name: string, options: string) =>
    options === ' --update' && update !== undefined
      ? `\`${update}\``
      : `\`npx reprise ${name} ${shellWord(fixture)}${shellOption('--graph', graph)}${options}\``,
  );
}
