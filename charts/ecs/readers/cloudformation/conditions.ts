import type { SourceNode } from '../../source/source-node.js';
import { stringOf, toPlain } from '../../source/source-node.js';
import type { Derivation, Missing } from './derivation.js';

/** A condition's outcome; undecided, with what is missing, when it hangs on values that are not known. */
export type Decision =
  | { readonly holds: boolean }
  | { readonly holds: undefined; readonly missing: readonly Missing[] };

const UNDECIDED: Decision = { holds: undefined, missing: [] };

/** Deeper than any real template's conditions refer to each other. */
const LONGEST_CHAIN = 50;

/** The `Conditions` section of a template, evaluated as conditions are asked for. */
export class Conditions {
  private readonly decided = new Map<string, Decision>();
  private readonly pending = new Set<string>();

  /** @param resolve resolves an operand of `Fn::Equals` */
  constructor(
    private readonly definitions: ReadonlyMap<string, SourceNode>,
    private readonly derivation: Derivation,
    private readonly resolve: (operand: SourceNode) => SourceNode | undefined,
  ) {}

  /**
   * Whether the condition holds. A condition that does not exist or refers to itself is reported and undecided.
   *
   * @param at where the condition is asked for
   */
  decide(name: string, at: SourceNode): Decision {
    const known = this.decided.get(name);
    if (known !== undefined) return known;
    const definition = this.definitions.get(name);
    if (definition === undefined) {
      this.derivation.say('warning', 'unknown-condition', `the template has no condition ${JSON.stringify(name)}`, at);
      return UNDECIDED;
    }
    if (this.pending.has(name) || this.pending.size > LONGEST_CHAIN) {
      this.derivation.say(
        'warning',
        'circular-condition',
        `condition ${JSON.stringify(name)} refers to itself`,
        definition,
      );
      return UNDECIDED;
    }
    this.pending.add(name);
    const decision = this.evaluate(definition);
    this.pending.delete(name);
    this.decided.set(name, decision);
    return decision;
  }

  private evaluate(node: SourceNode): Decision {
    if (node.kind === 'scalar' && typeof node.value === 'boolean') return { holds: node.value };
    const call = node.kind === 'object' && node.members.length === 1 ? node.members[0] : undefined;
    const operands = call?.value.kind === 'array' ? call.value.items : [];
    switch (call?.key) {
      case 'Condition': {
        const name = stringOf(call.value);
        return name === undefined ? this.malformed(node) : this.decide(name, call.value);
      }
      case 'Fn::Equals': {
        const [left, right] = operands;
        return left === undefined || right === undefined ? this.malformed(node) : this.equal(left, right);
      }
      case 'Fn::Not': {
        const operand = operands[0] === undefined ? this.malformed(node) : this.evaluate(operands[0]);
        return operand.holds === undefined ? operand : { holds: !operand.holds };
      }
      case 'Fn::And':
        return this.fold(operands, false);
      case 'Fn::Or':
        return this.fold(operands, true);
      default:
        return this.malformed(node);
    }
  }

  /** One operand of the value `absorbing` decides; otherwise all must be decided. */
  private fold(operands: readonly SourceNode[], absorbing: boolean): Decision {
    const decisions = operands.map((operand) => this.evaluate(operand));
    if (decisions.some(({ holds }) => holds === absorbing)) return { holds: absorbing };
    const missing = decisions.flatMap((decision) => (decision.holds === undefined ? decision.missing : []));
    return decisions.some(({ holds }) => holds === undefined) ? { holds: undefined, missing } : { holds: !absorbing };
  }

  private equal(left: SourceNode, right: SourceNode): Decision {
    const operands = [this.resolve(left), this.resolve(right)];
    const missing = operands.flatMap((operand) =>
      operand === undefined ? [] : [...this.derivation.allMissing(operand)],
    );
    if (missing.length > 0) return { holds: undefined, missing };
    const [first, second] = operands.map((operand) =>
      JSON.stringify(operand === undefined ? null : toPlain(operand), asText),
    );
    return { holds: first === second };
  }

  private malformed(node: SourceNode): Decision {
    const wanted = 'Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition';
    this.derivation.say(
      'warning',
      'invalid-condition',
      `not a condition: it takes ${wanted} with their operands`,
      node,
    );
    return UNDECIDED;
  }
}

/** CloudFormation compares numbers and booleans by their text. */
function asText(_key: string, value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}
