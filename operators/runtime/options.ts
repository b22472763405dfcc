import { parseArgs } from 'node:util';

/** One setting of the operator. */
interface Setting<T> {
  readonly flag: string;
  readonly env: string;
  /** Undefined where the setting may be absent. */
  readonly default: T;
  /** What stands for the value in the help. */
  readonly value: string;
  readonly help: string;
  /** @returns the value, or undefined if the text is none */
  readonly parse: (text: string) => T | undefined;
  /** What is allowed, for the error. */
  readonly allowed: string;
}

type AnySetting = Setting<string | number | undefined>;

/**
 * Every setting of the process, declared once: flag, environment variable, default and help. A flag goes before its
 * variable. What is decided about pods stands in HealingPolicies, not here.
 */
export const SETTINGS = {
  watchNamespace: text({
    flag: '--namespace',
    env: 'TRANSHIP_NAMESPACE',
    value: 'NAME',
    help: 'Heal in this namespace only; without it, in all.',
    pattern: /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    allowed: 'a DNS label (RFC 1123): at most 63 of a-z, 0-9 and -',
  }),
  operatorNamespace: {
    ...text({
      flag: '--operator-namespace',
      env: 'POD_NAMESPACE',
      value: 'NAME',
      help: 'Namespace of the operator itself: its Lease and what it remembers about deliveries.',
      pattern: /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
      allowed: 'a DNS label (RFC 1123): at most 63 of a-z, 0-9 and -',
    }),
    default: 'tranship-system',
  },
  podName: text({
    flag: '--pod-name',
    env: 'POD_NAME',
    value: 'NAME',
    help: 'Name of this process in the Lease and in Events; without it, the host name.',
    pattern: /^[\w.-]{1,253}$/,
    allowed: 'at most 253 letters, digits, dots and hyphens',
  }),
  leaseName: {
    ...text({
      flag: '--lease-name',
      env: 'TRANSHIP_LEASE_NAME',
      value: 'NAME',
      help: 'Lease that the replicas elect their leader by.',
      pattern: /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/,
      allowed: 'a DNS subdomain (RFC 1123): at most 253 of a-z, 0-9, - and .',
    }),
    default: 'tranship-operator',
  },
  leaseDurationSeconds: seconds({
    flag: '--lease-duration',
    env: 'TRANSHIP_LEASE_DURATION',
    default: 15,
    min: 2,
    max: 600,
    help: 'How long a standby waits after the last renewal that it saw; more than --renew-deadline.',
  }),
  renewDeadlineSeconds: seconds({
    flag: '--renew-deadline',
    env: 'TRANSHIP_RENEW_DEADLINE',
    default: 10,
    min: 1,
    max: 599,
    help: 'How long a leader goes on without a confirmed renewal; more than 1.2 times --retry-period.',
  }),
  retryPeriodSeconds: seconds({
    flag: '--retry-period',
    env: 'TRANSHIP_RETRY_PERIOD',
    default: 2,
    min: 1,
    max: 60,
    help: 'Between two renewals, and at most between two looks of a standby.',
  }),
  drainSeconds: seconds({
    flag: '--drain',
    env: 'TRANSHIP_DRAIN',
    default: 20,
    min: 1,
    max: 600,
    help: 'How long work under way may take when the process stops; less than terminationGracePeriodSeconds.',
  }),
  healthPort: port('--health-port', 'TRANSHIP_HEALTH_PORT', 8080, 'Port of /livez and /readyz.'),
  metricsPort: port(
    '--metrics-port',
    'TRANSHIP_METRICS_PORT',
    8080,
    'Port of /metrics for Prometheus; it may be the health port.',
  ),
  webhookPort: port(
    '--webhook-port',
    'TRANSHIP_WEBHOOK_PORT',
    9443,
    'Port of the admission webhook that notes exec and attach.',
  ),
  otlpEndpoint: text({
    flag: '--otlp-endpoint',
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    value: 'URL',
    help: 'OTLP collector over HTTP that gets the traces; without it, none are made.',
    pattern: /^https?:\/\/[^\s/@]+(\/\S*)?$/,
    allowed: 'an http or https URL without user and password, as http://collector.observability:4318',
  }),
  eventBus: text({
    flag: '--event-bus',
    env: 'TRANSHIP_EVENT_BUS',
    value: 'NAME',
    help: 'EventBridge bus, by name or ARN, that gets the decisions; without it, none.',
    pattern: /^[\w./:-]{1,1600}$/,
    allowed: 'the name or the ARN of an event bus',
  }),
  topic: text({
    flag: '--topic',
    env: 'TRANSHIP_TOPIC',
    value: 'ARN',
    help: 'SNS topic that gets the decisions; without it, none.',
    pattern: /^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]{1,256}(\.fifo)?$/,
    allowed: 'the ARN of an SNS topic, as arn:aws:sns:eu-west-1:111122223333:healing',
  }),
  region: text({
    flag: '--region',
    env: 'AWS_REGION',
    value: 'NAME',
    help: 'AWS region of the bus and the topic; without it, that of their ARN.',
    pattern: /^[a-z]{2}(-[a-z]+)+-\d$/,
    allowed: 'a region, as eu-west-1',
  }),
} as const satisfies Record<string, AnySetting>;

/** The settings, read and checked. */
export type Options = { readonly [K in keyof typeof SETTINGS]: (typeof SETTINGS)[K]['default'] };

/** Settings cannot be used. The message has a line for each that is wrong: its flag or variable, the value, what is allowed. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
  readonly code = 'OptionsInvalid';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/**
 * Reads the settings, once, when the process starts.
 *
 * @param args without the program, as `process.argv.slice(2)`
 * @returns undefined if the help is wanted
 * @throws OptionsError one or more are wrong
 * @example readOptions(['--namespace', 'shop'], { POD_NAME: 'tranship-operator-0' })
 */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Options | undefined {
  const flags = readFlags(args);
  if (flags.help) return undefined;
  const problems: string[] = [];
  const values = Object.entries<AnySetting>(SETTINGS).map(([name, setting]): [string, unknown] => {
    const flag = flags.values.get(setting.flag.slice(2));
    const given = flag ?? (Object.hasOwn(env, setting.env) ? env[setting.env] : undefined);
    // An empty variable is one that a manifest leaves out.
    if (given === undefined || (flag === undefined && given === '')) return [name, setting.default];
    const value = setting.parse(given);
    if (value === undefined) {
      const from = flag === undefined ? `${setting.env} (or ${setting.flag})` : setting.flag;
      problems.push(`${from} ${JSON.stringify(given)}: must be ${setting.allowed}`);
    }
    return [name, value ?? setting.default];
  });
  const options = Object.fromEntries(values) as Options;
  problems.push(...together(options));
  if (problems.length > 0) throw new OptionsError(problems);
  return options;
}

/** The help: usage and each setting with its variable and default. */
export function helpText(): string {
  const lines = Object.values<AnySetting>(SETTINGS).map(
    ({ flag, value, env, help, default: fallback }) =>
      `  ${`${flag} ${value}`.padEnd(28)} ${help}\n${' '.repeat(31)}${env}${fallback === undefined ? '' : `, default ${fallback}`}`,
  );
  return `Usage: tranship-operator [options]

Replaces failing pods as Amazon ECS replaces tasks, as HealingPolicies say.
Finds its cluster by KUBECONFIG, by ~/.kube/config, or by the service account of its pod.

Options, each with the environment variable that says the same:
${lines.join('\n')}
  ${'--help'.padEnd(28)} Print this.

Exit codes: 0 stopped as asked, 2 the options cannot be used, 70 a fault.
`;
}

function readFlags(args: readonly string[]): { help: boolean; values: ReadonlyMap<string, string> } {
  const options = Object.fromEntries(
    Object.values<AnySetting>(SETTINGS).map(({ flag }) => [flag.slice(2), { type: 'string' as const }]),
  );
  try {
    const { help = false, ...values } = parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      strict: true,
      allowPositionals: false,
    }).values;
    return { help, values: new Map(Object.entries(values)) };
  } catch (error) {
    throw new OptionsError([`${error instanceof Error ? error.message : String(error)} (--help lists the options)`]);
  }
}

function together(options: Options): readonly string[] {
  const { leaseDurationSeconds: duration, renewDeadlineSeconds: deadline, retryPeriodSeconds: retry } = options;
  const problems: string[] = [];
  if (duration <= deadline) {
    problems.push(
      `--lease-duration ${duration}: must be more than --renew-deadline ${deadline}, or two replicas could lead`,
    );
  }
  if (deadline <= 1.2 * retry) {
    problems.push(
      `--renew-deadline ${deadline}: must be more than 1.2 times --retry-period ${retry}, or renewals come too late`,
    );
  }
  const { healthPort, metricsPort, webhookPort } = options;
  if (webhookPort !== 0 && (webhookPort === healthPort || webhookPort === metricsPort)) {
    problems.push(
      `--webhook-port ${webhookPort}: must differ from --health-port ${healthPort} and --metrics-port ${metricsPort}`,
    );
  }
  return problems;
}

function text(
  setting: Omit<Setting<string | undefined>, 'parse' | 'default'> & { readonly pattern: RegExp },
): Setting<string | undefined> {
  const { pattern, ...rest } = setting;
  return { ...rest, default: undefined, parse: (given) => (pattern.test(given) ? given : undefined) };
}

function seconds(
  setting: Omit<Setting<number>, 'parse' | 'allowed' | 'value'> & { readonly min: number; readonly max: number },
): Setting<number> {
  const { min, max, ...rest } = setting;
  return { ...rest, value: 'SECONDS', allowed: `whole seconds from ${min} to ${max}`, parse: whole(min, max) };
}

function port(flag: string, env: string, fallback: number, help: string): Setting<number> {
  const allowed = 'a port from 1 to 65535, or 0 for a free one';
  return { flag, env, default: fallback, value: 'PORT', help, allowed, parse: whole(0, 65_535) };
}

function whole(min: number, max: number): (given: string) => number | undefined {
  return (given) => {
    const value = Number(given);
    return /^\d{1,9}$/.test(given) && value >= min && value <= max ? value : undefined;
  };
}
