import { shellOption, shellWord } from '../text/shell-word.ts';

/** What a command about a fixture needs to be pasted as it is printed. */
export interface FixtureCommands {
  readonly fixture: string;
  /** The name of its graph. */
  readonly name?: string | undefined;
  /** As the command line names it, unless the config knows it. */
  readonly graph?: string | undefined;
  /** What accepts an intended change, where that is not `reprise replay --update`. */
  readonly update?: string | undefined;
  /** What continues after a difference, where that is not the flag `--lenient`. */
  readonly lenient?: string | undefined;
  /** It was not accepted, and why is said elsewhere, with what to do. */
  readonly isRefused?: true;
}

const commands = /`npx reprise (replay|explain|check|graph)((?: --update)?(?: --live)?)`/g;
const acceptance =
  /[;,] (?:if it is meant, )?(?:accept (?:it|them)|record it|write the fixture again) with `npx reprise replay --update(?: --live)?`(?:, or take it back)?/;

/** A next step, with its commands about this fixture. */
export function aboutFixture(next: string, about: FixtureCommands): string {
  const { graph, name, update, isRefused } = about;
  const shown = isRefused === true ? withoutAcceptance(next) : next;
  return shown.replace(commands, (_whole, command: string, options: string) => {
    if (command === 'graph') return `\`npx reprise graph ${shellWord(graph ?? name ?? '<graph>')}\``;
    return options === ' --update' && update !== undefined
      ? `\`${update}\``
      : `\`${fixtureCommand(command, about)}${options}\``;
  });
}

export function fixtureCommand(command: string, { fixture, graph }: FixtureCommands): string {
  return `npx reprise ${command} ${shellWord(fixture)}${shellOption('--graph', graph)}`;
}

/** A next step where there is no fixture to accept anything in. */
export function withoutAcceptance(next: string): string {
  return next.replace(acceptance, '');
}

/** Whether a next step accepts a change without asking the outside for anything. */
export function acceptsOffline(next: string): boolean {
  return next.includes('`npx reprise replay --update`');
}
