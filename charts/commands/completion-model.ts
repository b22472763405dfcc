import type { Argument, Command, Option } from 'commander';

/** What may stand where a value is wanted. */
export type Values =
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  | { readonly kind: 'file' | 'folder' | 'text' };

export interface CompletionOption {
  /** `--out`. */
  readonly long: string;
  /** `-o`. */
  readonly short?: string;
  readonly description: string;
  /** What follows the option; absent for a flag. */
  readonly values?: Values;
  readonly repeatable: boolean;
}

export interface CompletionCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletionOption[];
  /** What its words are, and whether several may stand. */
  readonly words?: { readonly values: Values; readonly several: boolean };
}

/** What can be completed: the commands of a program, each with the options of its own and those of all. */
export function completionModel(program: Command): readonly CompletionCommand[] {
  const common = optionsOf(program).filter(({ long }) => long !== '--version');
  return program.commands.map((command): CompletionCommand => {
    const [argument] = command.registeredArguments;
    return {
      name: command.name(),
      description: command.summary(),
      options: [...optionsOf(command), ...common, HELP],
      ...(argument === undefined ? {} : { words: { values: valuesOf(argument), several: argument.variadic } }),
    };
  });
}

const HELP: CompletionOption = { long: '--help', short: '-h', description: 'what the command does', repeatable: false };

function optionsOf(command: Command): readonly CompletionOption[] {
  return command.options.flatMap((option): readonly CompletionOption[] => {
    if (option.hidden || option.long === undefined) return [];
    return [
      {
        long: option.long,
        ...(option.short === undefined ? {} : { short: option.short }),
        description: option.description,
        ...(option.required || option.optional ? { values: valuesOf(option) } : {}),
        repeatable: option.description.includes('several times'),
      },
    ];
  });
}

/** The name of a value tells what it is: `<file>`, `<folder>`, `[path...]`. */
function valuesOf(item: Option | Argument): Values {
  if (item.argChoices !== undefined) return { kind: 'choices', choices: item.argChoices };
  const name = 'flags' in item ? (/[<[]([\w-]+)/.exec(item.flags)?.[1] ?? '') : item.name();
  if (name === 'file' || name === 'path') return { kind: 'file' };
  return { kind: name === 'folder' ? 'folder' : 'text' };
}
