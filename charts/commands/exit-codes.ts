/** What the command line ends with. Listed in `--help` and in docs/command-line.md. */
export const EXIT = {
  ok: 0,
  /** `--fail-on` was met. */
  failedOn: 1,
  /** The command cannot be run as it was given. */
  usage: 2,
  /** Some of the input could not be read or was refused; the rest was ported. */
  refused: 3,
  /** A manifest is not valid for the target version, or the server refused it. */
  invalid: 4,
  /** A fault in tranship itself. Source: `EX_SOFTWARE` of BSD's sysexits. */
  fault: 70,
  /** Ended by Ctrl-C. Source: 128 and the number of SIGINT, as shells have it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The codes with their meanings, for help texts. */
export const EXIT_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT.ok, 'everything was ported'],
  [EXIT.failedOn, 'a field is as bad as --fail-on says, or worse'],
  [EXIT.usage, 'the command cannot be run as given: an unknown option, a value that is not allowed, an unusable --out'],
  [EXIT.refused, 'some input was refused, unreadable or incomplete; the rest was ported'],
  [EXIT.invalid, 'a manifest is not valid for the target version, or the server refused it'],
  [EXIT.fault, 'a fault in tranship'],
  [EXIT.interrupted, 'interrupted by Ctrl-C'],
];

/** Ends the command with a message to the user instead of a stack trace. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  /** @param message what is wrong, with the value, what is allowed and the fix; lower case */
  constructor(
    readonly exitCode: ExitCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The code that counts when several apply: the greatest. */
export function greatest(codes: readonly ExitCode[]): ExitCode {
  return codes.reduce((a, b) => (b > a ? b : a), EXIT.ok);
}
