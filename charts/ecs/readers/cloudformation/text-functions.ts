import { type SourceNode, stringOf, toPlain } from '../../source/source-node.js';
import type { Decision } from './conditions.js';
import type { Derivation, Missing } from './derivation.js';

/** What the functions need of the resolver. */
export interface Resolving {
  readonly derivation: Derivation;
  /** @returns undefined when the value is `AWS::NoValue` */
  resolve(node: SourceNode): SourceNode | undefined;
  /** What `${name}` or `${name.attribute}` stands for. */
  refer(reference: string, from: SourceNode): SourceNode | undefined;
  /** A value that is not known; what the user gave for the name, if that. */
  unknown(name: string, from: SourceNode, supply?: string): SourceNode;
  malformed(name: string, from: SourceNode, wanted: string): SourceNode;
  /** Whether a condition holds. */
  decide(condition: string, at: SourceNode): Decision;
  /** Whether a value is a logical id that stands for an ARN or a name, so that its parts are not known. */
  isWhole(node: SourceNode): boolean;
  /** A value as the result of the function around the one that made it. */
  keep(node: SourceNode, from: SourceNode): SourceNode;
}

/** A text, and what is missing in it as `${name}`. */
export interface Text {
  readonly text: string;
  readonly missing: readonly Missing[];
}

/** The text that a resolved value has within a longer text. */
export function textOf(node: SourceNode | undefined, derivation: Derivation): Text {
  if (node === undefined) return { text: '', missing: [] };
  if (node.kind === 'scalar') return { text: String(node.value ?? ''), missing: derivation.missingIn(node) };
  const missing = [...derivation.allMissing(node)];
  if (node.kind === 'object') return { text: JSON.stringify(toPlain(node)), missing };
  return { text: node.items.map((item) => textOf(item, derivation).text).join(','), missing };
}

/** A name made of a text, with what is missing in it by its bare name: `${Stack}-VpcId` is the name `Stack-VpcId`. */
export function nameOf({ text, missing }: Text, from: SourceNode, derivation: Derivation): string {
  derivation.spend(text.length * missing.length, from);
  return missing.reduce((name, one) => name.replaceAll(`\${${one.name}}`, () => one.name), text);
}

/** `Fn::Join`: values joined by a delimiter; values that are `AWS::NoValue` are left out. */
export function join(argument: SourceNode, from: SourceNode, to: Resolving): SourceNode {
  const [delimiterNode, list] = argument.kind === 'array' ? argument.items : [];
  const delimiter = stringOf(delimiterNode);
  if (delimiter === undefined || list === undefined) return to.malformed('Fn::Join', from, 'a delimiter and a list');
  const resolved = to.resolve(list);
  const items = resolved?.kind === 'array' ? resolved.items : resolved === undefined ? [] : [resolved];
  const texts = items.map((item) => textOf(item, to.derivation));
  return compose(
    texts.map(({ text }) => text).join(delimiter),
    texts.flatMap(({ missing }) => missing),
    from,
    to,
  );
}

/** `Fn::Sub`, with and without variables of its own. `${!Literal}` is the text `${Literal}`. */
export function sub(argument: SourceNode, from: SourceNode, to: Resolving): SourceNode {
  const [first, second] = argument.kind === 'array' ? argument.items : [argument];
  const template = first?.kind === 'scalar' && first.value !== null ? String(first.value) : undefined;
  if (template === undefined) return to.malformed('Fn::Sub', from, 'a text, or a list of a text and variables');
  const variables = new Map(second?.kind === 'object' ? second.members.map(({ key, value }) => [key, value]) : []);
  const parts: Text[] = [];
  let copied = 0;
  for (let open = template.indexOf('${'); open >= 0; open = template.indexOf('${', copied)) {
    const close = template.indexOf('}', open);
    if (close < 0) break;
    const name = template.slice(open + 2, close);
    parts.push(literal(template.slice(copied, open)));
    copied = close + 1;
    if (name.startsWith('!')) {
      parts.push(literal(`\${${name.slice(1)}}`));
      continue;
    }
    const variable = variables.get(name);
    parts.push(textOf(variable === undefined ? to.refer(name, from) : to.resolve(variable), to.derivation));
  }
  parts.push(literal(template.slice(copied)));
  return compose(
    parts.map(({ text }) => text).join(''),
    parts.flatMap(({ missing }) => missing),
    from,
    to,
  );
}

/**
 * A text as a value, after its dynamic references such as `{{resolve:ssm:/web/image}}` became missing values of the same
 * name.
 */
export function compose(composed: string, missing: readonly Missing[], from: SourceNode, to: Resolving): SourceNode {
  const dynamic: Missing[] = [];
  let text = '';
  let copied = 0;
  for (let open = composed.indexOf('{{resolve:'); open >= 0; open = composed.indexOf('{{resolve:', copied)) {
    const close = composed.indexOf('}}', open);
    if (close < 0) break;
    // The braces of a missing value may end in the same place as those of the reference around it.
    const end = composed[close + 2] === '}' ? close + 1 : close;
    const value = textOf(
      to.unknown(nameOf({ text: composed.slice(open + 2, end), missing }, from, to.derivation), from),
      to.derivation,
    );
    text += composed.slice(copied, open) + value.text;
    dynamic.push(...value.missing);
    copied = end + 2;
  }
  text += composed.slice(copied);
  const left = copied === 0 ? missing : missing.filter(({ name }) => text.includes(`\${${name}}`));
  return to.derivation.scalar(text, from, [...left, ...dynamic]);
}

/** `Fn::Split`. A value that is missing altogether stays one value, as does a logical id that stands for an ARN. */
export function split(argument: SourceNode, from: SourceNode, to: Resolving): SourceNode {
  const [delimiterNode, source] = argument.kind === 'array' ? argument.items : [];
  const delimiter = stringOf(delimiterNode);
  if (delimiter === undefined || delimiter === '' || source === undefined)
    return to.malformed('Fn::Split', from, 'a delimiter and a text');
  const resolved = to.resolve(source);
  if (resolved?.kind !== 'scalar') return to.malformed('Fn::Split', from, 'a delimiter and a text');
  const { text, missing } = textOf(resolved, to.derivation);
  if (to.isWhole(resolved) || (missing.length === 1 && text === `\${${missing[0]?.name ?? ''}}`))
    return to.keep(resolved, from);
  const items = text.split(delimiter).map((item) =>
    to.derivation.scalar(
      item,
      from,
      missing.filter(({ name }) => item.includes(`\${${name}}`)),
    ),
  );
  return to.derivation.list(items, from);
}

/** `Fn::Select`. An item of a list that is missing is missing itself, by the name `List[index]`. */
export function select(argument: SourceNode, from: SourceNode, to: Resolving): SourceNode {
  const [indexNode, list] = argument.kind === 'array' ? argument.items : [];
  const index = textOf(indexNode === undefined ? undefined : to.resolve(indexNode), to.derivation);
  if (list === undefined || indexNode === undefined) return to.malformed('Fn::Select', from, 'an index and a list');
  const resolved = to.resolve(list);
  if (resolved !== undefined && to.isWhole(resolved)) return to.keep(resolved, from);
  const missing = resolved === undefined ? [] : [...index.missing, ...to.derivation.allMissing(resolved)];
  const item = resolved?.kind === 'array' && /^\d+$/.test(index.text) ? resolved.items[Number(index.text)] : undefined;
  if (item !== undefined) return to.derivation.copy(item, from);
  const first = missing.at(-1);
  if (first === undefined) return to.malformed('Fn::Select', from, 'an index within its list');
  return to.unknown(`${first.name}[${nameOf(index, from, to.derivation)}]`, from, first.supply);
}

/** `Fn::Base64`, `Fn::Length` and `Fn::ToJsonString`. */
export function convert(name: string, argument: SourceNode, from: SourceNode, to: Resolving): SourceNode {
  const resolved = to.resolve(argument);
  const { text, missing } = textOf(resolved, to.derivation);
  if (name === 'Fn::ToJsonString')
    return to.derivation.scalar(JSON.stringify(resolved === undefined ? null : toPlain(resolved)), from, missing);
  if (name === 'Fn::Length' && resolved?.kind === 'array') return to.derivation.scalar(resolved.items.length, from);
  const first = missing[0];
  if (first !== undefined) return to.unknown(`${name}(${first.name})`, from, first.supply);
  if (name === 'Fn::Length') return to.malformed(name, from, 'a list');
  return to.derivation.scalar(Buffer.from(text, 'utf8').toString('base64'), from);
}

function literal(text: string): Text {
  return { text, missing: [] };
}
