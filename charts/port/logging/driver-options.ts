import type { LogConfiguration } from '@aws-sdk/client-ecs';
import type { Field } from '../../ecs/field.js';
import { valueProblem, type ValuePart } from './fluent-bit-config.js';

/** An option of a log driver. A driver that knows the option says on `field` what became of it. */
export interface DriverOption {
  /** Marking it has no effect when the option is absent, or was accounted for already. */
  readonly field: Field<string>;
  /** The value; absent when no configuration can hold it. */
  readonly text: string | undefined;
}

/**
 * The options of one container's log driver, from `options` and `secretOptions`. An option counts as known once it was
 * asked for; {@link rest} then accounts for all others.
 */
export class DriverOptions {
  private readonly asked = new Set<string>();
  private readonly options: Field<NonNullable<LogConfiguration['options']>>;
  private readonly secrets: ReturnType<typeof secretsOf>;

  /**
   * @param variables the agent's variable for each secret option
   * @param plain whether the agent's configuration has no way to write `${`, as on EKS Fargate
   */
  constructor(
    log: Field<LogConfiguration>,
    private readonly variables: ReadonlyMap<string, string> = new Map(),
    private readonly plain = false,
  ) {
    this.options = log.get('options');
    this.secrets = secretsOf(log);
  }

  /**
   * An option by its name. What cannot be used is accounted for here and counts as absent: a value that no configuration
   * can hold, and a secret, since only the agent will know it.
   */
  take(name: string): DriverOption {
    this.asked.add(name);
    const field = this.options.get(name);
    const secret = this.secretOf(name);
    if (secret !== undefined) {
      secret.none(
        'only the log agent could read this secret, and its configuration is written now',
        'give the value in options',
      );
      field.none('a secret option of the same name counts instead');
      return { field: nothing(field), text: undefined };
    }
    const text = field.value;
    if (text === undefined) return { field, text };
    const problem =
      this.plain && text.includes('${') ? 'holds ${, which would be taken for a variable' : valueProblem(text);
    if (problem === undefined) return { field, text };
    if (text === '') field.same([], 'empty, which is the default');
    else field.none(`the value ${problem}; no configuration can hold it`, 'correct the value');
    return { field: nothing(field), text: undefined };
  }

  /** Whether the option is given at all, usable or not. */
  has(name: string): boolean {
    return this.options.get(name).exists || this.secretOf(name) !== undefined;
  }

  /** As {@link take}, for an option that may be a secret: its value is then a variable of the agent. */
  takeSecret(name: string): { readonly field: Field<string>; readonly value: ValuePart | undefined } {
    const variable = this.variables.get(name);
    const secret = this.secretOf(name);
    if (variable === undefined || secret === undefined) {
      const { field, text } = this.take(name);
      return { field, value: text };
    }
    this.asked.add(name);
    this.options.get(name).none('a secret option of the same name counts instead');
    return { field: secret, value: { variable } };
  }

  /** Accounts for every option that was not asked for. */
  rest(lost: string, todo?: string): void {
    const { options } = this;
    for (const [name, field] of options.entries()) if (!this.asked.has(name)) field.none(lost, todo);
    const { node } = options;
    if (node?.kind === 'object' && node.members.length > options.entries().length)
      options.none('given twice; the last one counts');
    for (const secret of this.secrets) {
      if (!this.asked.has(secret.get('name').value ?? '')) secret.none(lost, todo);
    }
  }

  private secretOf(name: string): Field<string> | undefined {
    const secret = this.secrets.findLast((item) => item.get('name').value === name);
    return secret?.get('valueFrom');
  }
}

function secretsOf(log: Field<LogConfiguration>) {
  return log.get('secretOptions').items();
}

/** A field of a text, which has none. */
function nothing(field: Field<string>): Field<string> {
  return (field as unknown as Field<{ none: string }>).get('none');
}

/** The field that carries a property of the log agent's configuration, for the report. */
export function agentField(section: 'INPUT' | 'FILTER' | 'OUTPUT' | 'MULTILINE_PARSER', property: string): string {
  return `ConfigMap.data (log agent): ${section}.${property}`;
}

/** What every option that the log agent carries needs. */
export const AGENT_TODO =
  'apply the log agent of these manifests, or give its ConfigMap to the Fluent Bit that the cluster has';
