import { closest } from '../../closest.js';
import type { ReadOptions } from '../../input.js';
import { type SourceMember, type SourceNode, stringOf } from '../../source/source-node.js';
import { Conditions, type Decision } from './conditions.js';
import { type Derivation, howToSupply, PROCESSED } from './derivation.js';
import { choose, findInMap } from './lookup-functions.js';
import { type Parameters, pseudoParameter } from './parameters.js';
import { References } from './references.js';
import type { Template } from './template.js';
import { compose, convert, join, nameOf, type Resolving, select, split, sub, textOf } from './text-functions.js';

/** Unknown names for which a likely one is looked for; beyond, a template is a fragment and guesses are noise. */
const MOST_GUESSES = 20;

/**
 * Resolves the intrinsic functions of a template. What cannot be known before the stack is deployed stays in the text as
 * `${Name}`, and the value says that `Name` is missing. Parts without functions are returned as they are.
 *
 * Source: CloudFormation template reference, "Intrinsic functions".
 *
 * @example
 * resolver.resolve(parse("{'Fn::Sub': 'shop:${Tag}'}")) // a scalar 'shop:1.4', or 'shop:${Tag}' with placeholder 'Tag'
 */
export class Resolver implements Resolving {
  readonly conditions: Conditions;
  private readonly references: References;
  /** Values that stand for a whole ARN or name by a logical id, and must not be taken apart. */
  private readonly whole = new Set<SourceNode>();
  private readonly strangers = new Set<string>();
  private deciding = false;

  constructor(
    private readonly template: Template,
    private readonly parameters: Parameters,
    private readonly options: ReadOptions,
    readonly derivation: Derivation,
  ) {
    this.conditions = new Conditions(template.conditions, derivation, (operand) => this.resolveOperand(operand));
    const pseudo = (name: string): string | undefined => options.parameters.get(name) ?? pseudoParameter(name, options);
    this.references = new References(derivation, (node) => this.resolve(node), pseudo);
  }

  /** @returns undefined when the value is `AWS::NoValue`, which removes what it stands for */
  resolve(node: SourceNode): SourceNode | undefined {
    if (node.kind === 'scalar') {
      return typeof node.value === 'string' && node.value.includes('{{resolve:')
        ? compose(node.value, [], node, this)
        : node;
    }
    if (node.kind === 'array') {
      const items = node.items.flatMap((item) => this.resolve(item) ?? []);
      return same(items, node.items) ? node : this.derivation.list(items, node);
    }
    const only = node.members.length === 1 ? node.members[0] : undefined;
    if (only !== undefined && isFunction(only.key)) return this.call(only.key, only.value, node);
    const members = node.members.flatMap((member) => this.member(member) ?? []);
    if (same(members, node.members)) return node;
    return { ...node, members, origins: members.length === 0 ? this.derivation.leaves(node) : [node] };
  }

  refer(reference: string, from: SourceNode): SourceNode | undefined {
    if (reference === 'AWS::NoValue') return undefined;
    const dot = reference.startsWith('AWS::') ? -1 : reference.indexOf('.');
    return dot < 0 ? this.ref(reference, from) : this.resource(reference.slice(0, dot), reference.slice(dot + 1), from);
  }

  unknown(name: string, from: SourceNode, supply = name): SourceNode {
    const given = this.options.parameters.get(name);
    return given === undefined ? this.missing(name, from, supply) : this.derivation.scalar(given, from);
  }

  isWhole(node: SourceNode): boolean {
    return this.whole.has(node);
  }

  keep(node: SourceNode, from: SourceNode): SourceNode {
    const kept = this.derivation.copy(node, from);
    if (this.whole.has(node)) this.whole.add(kept);
    return kept;
  }

  malformed(name: string, from: SourceNode, wanted: string): SourceNode {
    this.derivation.say('warning', 'invalid-function', `${name} cannot be resolved: it takes ${wanted}`, from);
    return this.unresolved(name, from);
  }

  /** Whether a condition holds; reports it once when that cannot be known. */
  decide(condition: string, at: SourceNode): Decision {
    const decision = this.conditions.decide(condition, at);
    if (decision.holds !== undefined || decision.missing.length === 0) return decision;
    const supplies = [...new Set(decision.missing.map(({ supply }) => supply))];
    const message = `condition ${condition} cannot be decided without ${supplies.join(', ')}; it is taken to hold`;
    this.derivation.say(
      'note',
      'undecided-condition',
      message,
      this.template.conditions.get(condition) ?? at,
      howToSupply(supplies[0] ?? ''),
    );
    return decision;
  }

  private resolveOperand(operand: SourceNode): SourceNode | undefined {
    const before = this.deciding;
    this.deciding = true;
    try {
      return this.resolve(operand);
    } finally {
      this.deciding = before;
    }
  }

  private member(member: SourceMember): SourceMember | undefined {
    if (member.key === 'Fn::Transform' || member.key.startsWith('Fn::ForEach::')) {
      this.notExpanded(member.key, member.value);
      this.derivation.setAside(member.value, {
        fidelity: 'none',
        kubernetes: [],
        lost: `${member.key} is not expanded`,
        todo: PROCESSED,
      });
      return undefined;
    }
    const value = this.resolve(member.value);
    return value === member.value ? member : value === undefined ? undefined : { ...member, value };
  }

  private call(name: string, argument: SourceNode, from: SourceNode): SourceNode | undefined {
    switch (name) {
      case 'Ref': {
        const reference = stringOf(argument);
        return reference === undefined ? this.malformed(name, from, 'a name') : this.ref(reference, from);
      }
      case 'Fn::GetAtt':
        return this.getAttribute(argument, from);
      case 'Fn::If':
        return choose(argument, from, this);
      case 'Fn::Sub':
        return sub(argument, from, this);
      case 'Fn::Join':
        return join(argument, from, this);
      case 'Fn::Split':
        return split(argument, from, this);
      case 'Fn::Select':
        return select(argument, from, this);
      case 'Fn::Base64':
      case 'Fn::Length':
      case 'Fn::ToJsonString':
        return convert(name, argument, from, this);
      case 'Fn::FindInMap':
        return findInMap(argument, this.template.mappings, from, this);
      case 'Fn::ImportValue':
        return this.unknown(nameOf(textOf(this.resolve(argument), this.derivation), from, this.derivation), from);
      case 'Fn::GetAZs':
      case 'Fn::Cidr':
        return this.unknown(name, from);
      default:
        this.notExpanded(name, from);
        return this.unresolved(name, from);
    }
  }

  private ref(name: string, from: SourceNode): SourceNode | undefined {
    if (name === 'AWS::NoValue') {
      this.derivation.setAside(from, {
        fidelity: 'same',
        kubernetes: [],
        lost: 'AWS::NoValue: the property is left out',
      });
      return undefined;
    }
    if (this.parameters.has(name)) {
      const value = this.parameters.value(name, this.deciding);
      if (value === undefined) return this.missing(name, from);
      if (typeof value !== 'object') return this.derivation.scalar(value, from);
      return this.derivation.list(
        value.map((item) => this.derivation.scalar(item, from)),
        from,
      );
    }
    const pseudo = name.startsWith('AWS::') ? pseudoParameter(name, this.options) : undefined;
    if (pseudo !== undefined && !this.options.parameters.has(name)) return this.derivation.scalar(pseudo, from);
    return name.startsWith('AWS::') ? this.unknown(name, from) : this.resource(name, 'Ref', from);
  }

  private resource(id: string, attribute: string, from: SourceNode): SourceNode {
    const name = attribute === 'Ref' ? id : `${id}.${attribute}`;
    const resource = this.template.resources.get(id);
    if (this.options.parameters.has(name)) return this.unknown(name, from);
    if (resource === undefined) {
      this.unknownReference(id, from);
      return this.unknown(name, from);
    }
    const referred = this.references.referred(resource, attribute);
    if (referred === undefined) return this.unknown(name, from);
    const node = this.derivation.scalar(referred.text, from, referred.missing);
    if (referred.whole === true) this.whole.add(node);
    return node;
  }

  private getAttribute(argument: SourceNode, from: SourceNode): SourceNode {
    const [first, second] = argument.kind === 'array' ? argument.items : [argument];
    const written = stringOf(first) ?? '';
    const dot = written.indexOf('.');
    const id = second === undefined ? written.slice(0, Math.max(dot, 0)) : written;
    const attribute =
      second === undefined ? written.slice(dot + 1) : textOf(this.resolve(second), this.derivation).text;
    if (id === '' || attribute === '') return this.malformed('Fn::GetAtt', from, 'a resource and an attribute');
    return this.resource(id, attribute, from);
  }

  /** Reported once for each name, where it comes first. */
  private unknownReference(id: string, at: SourceNode): void {
    if (this.strangers.has(id)) return;
    this.strangers.add(id);
    const known = [...this.template.parameters.keys(), ...this.template.resources.keys()];
    const guess = this.strangers.size > MOST_GUESSES ? undefined : closest(id, known);
    const fix = guess === undefined ? undefined : `did you mean ${guess}?`;
    const message = `the template has no parameter or resource ${JSON.stringify(id)}`;
    this.derivation.say('warning', 'unknown-reference', message, at, fix);
  }

  private missing(name: string, from: SourceNode, supply = name): SourceNode {
    return this.derivation.scalar(`\${${name}}`, from, [{ name, supply }]);
  }

  private notExpanded(name: string, at: SourceNode): void {
    this.derivation.say(
      'warning',
      'not-expanded',
      `${name} is not resolved: it is run by CloudFormation only`,
      at,
      PROCESSED,
    );
  }

  private unresolved(name: string, from: SourceNode): SourceNode {
    const { line, column } = from.file.position(from.offset);
    return this.unknown(`${name}(${line}:${column})`, from);
  }
}

function isFunction(key: string): boolean {
  return key === 'Ref' || (key.startsWith('Fn::') && !key.startsWith('Fn::ForEach::'));
}

function same<T>(first: readonly T[], second: readonly T[]): boolean {
  return first.length === second.length && first.every((item, index) => item === second[index]);
}
