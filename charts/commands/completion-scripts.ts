import type { CompletionCommand, CompletionOption, Values } from './completion-model.js';

/** The shells that a script can be written for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/**
 * A completion script for a shell; it needs nothing but the shell.
 *
 * @example completionScript('bash', 'tranship', completionModel(program))
 */
export function completionScript(shell: Shell, name: string, commands: readonly CompletionCommand[]): string {
  return { bash, zsh, fish }[shell](name, commands);
}

function bash(name: string, commands: readonly CompletionCommand[]): string {
  const cases = commands.map((command) => {
    const valued = command.options.flatMap((option) =>
      option.values === undefined
        ? []
        : [`        ${spellings(option).join('|')}) ${bashReply(option.values)}; return ;;`],
    );
    const options = command.options.flatMap(spellings).join(' ');
    const words = command.words === undefined ? ':' : bashReply(command.words.values);
    return `    ${command.name})
      case "$previous" in
${valued.join('\n')}
      esac
      case "$current" in
        -*) mapfile -t COMPREPLY < <(compgen -W '${options}' -- "$current") ;;
        *) ${words} ;;
      esac ;;`;
  });
  return `# bash completion for ${name}: source it from ~/.bashrc
_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command='' word
  # bash takes --option=value apart at the sign.
  if [[ $current == = ]]; then current=''; elif [[ $previous == = ]]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in ${commands.map((command) => command.name).join('|')}) command="$word"; break ;; esac
  done
  COMPREPLY=()
  case "$command" in
    '') mapfile -t COMPREPLY < <(compgen -W '${commands.map((command) => command.name).join(' ')} --help --version --no-color' -- "$current") ;;
${cases.join('\n')}
  esac
}
complete -o default -F _${name} ${name}
`;
}

function bashReply(values: Values): string {
  switch (values.kind) {
    case 'choices':
      return `mapfile -t COMPREPLY < <(compgen -W '${values.choices.join(' ')}' -- "$current")`;
    case 'folder':
      return 'mapfile -t COMPREPLY < <(compgen -d -- "$current"); compopt -o filenames 2>/dev/null';
    case 'file':
      return 'mapfile -t COMPREPLY < <(compgen -f -- "$current"); compopt -o filenames 2>/dev/null';
    case 'text':
  }
  return 'compopt +o default 2>/dev/null';
}

function zsh(name: string, commands: readonly CompletionCommand[]): string {
  const describe = commands.map(
    (command) => `    ${quoted(`${command.name}:${command.description.replaceAll(':', '\\:')}`)}`,
  );
  const cases = commands.map((command) => {
    const specs = command.options.flatMap((option) => zshSpecs(option));
    if (command.words !== undefined)
      specs.push(quoted(`${command.words.several ? '*' : '1'}:${zshValues(command.words.values)}`));
    return `    ${command.name})\n      _arguments -s \\\n        ${specs.join(' \\\n        ')} ;;`;
  });
  return `#compdef ${name}
# zsh completion for ${name}: put it on your fpath as _${name}
_${name}() {
  local -a commands
  commands=(
${describe.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="\${words[2]}"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join('\n')}
  esac
}
if [[ \${funcstack[1]} == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function zshSpecs(option: CompletionOption): readonly string[] {
  const text = option.description.replace(/[[\]\\:]/g, '\\$&');
  const value = option.values === undefined ? '' : `:${zshValues(option.values)}`;
  const repeated = option.repeatable ? '*' : '';
  return spellings(option).map((spelling) => quoted(`${repeated}${spelling}[${text}]${value}`));
}

function zshValues(values: Values): string {
  switch (values.kind) {
    case 'choices':
      return `value:(${values.choices.join(' ')})`;
    case 'folder':
      return 'folder:_files -/';
    case 'file':
      return 'file:_files';
    case 'text':
  }
  return 'value: ';
}

function fish(name: string, commands: readonly CompletionCommand[]): string {
  const names = commands.map((command) => command.name).join(' ');
  const lines = [
    `# fish completion for ${name}: put it in ~/.config/fish/completions/${name}.fish`,
    `complete -c ${name} -f`,
    ...commands.map(
      (command) =>
        `complete -c ${name} -n ${quoted(`not __fish_seen_subcommand_from ${names}`)} -a ${command.name} -d ${quoted(command.description)}`,
    ),
  ];
  for (const command of commands) {
    const here = `complete -c ${name} -n ${quoted(`__fish_seen_subcommand_from ${command.name}`)}`;
    for (const option of command.options) {
      const short = option.short === undefined ? '' : ` -s ${option.short.slice(1)}`;
      const value = option.values === undefined ? '' : ` ${fishValues(option.values)}`;
      lines.push(`${here} -l ${option.long.slice(2)}${short}${value} -d ${quoted(option.description)}`);
    }
    if (command.words?.values.kind === 'choices')
      lines.push(`${here} -a ${quoted(command.words.values.choices.join(' '))}`);
    else if (command.words !== undefined) lines.push(`${here} -F`);
  }
  return `${lines.join('\n')}\n`;
}

function fishValues(values: Values): string {
  switch (values.kind) {
    case 'choices':
      return `-x -a ${quoted(values.choices.join(' '))}`;
    case 'folder':
      return "-x -a '(__fish_complete_directories)'";
    case 'file':
      return '-r -F';
    case 'text':
  }
  return '-x';
}

function spellings({ long, short }: CompletionOption): readonly string[] {
  return short === undefined ? [long] : [long, short];
}

/** Text as one word of a shell. fish knows a backslash before a quotation mark only, bash and zsh end and reopen the quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
