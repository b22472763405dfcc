import { memberOf, type SourceNode, stringOf } from '../../source/source-node.js';
import { nameOf, type Resolving, textOf } from './text-functions.js';

/**
 * `Fn::If`: the value for when the condition holds, or the other. The one that is not chosen is set aside. Where the
 * condition cannot be decided, the first value is taken and both the report and a note say so.
 */
export function choose(argument: SourceNode, from: SourceNode, to: Resolving): SourceNode | undefined {
  const [nameNode, whenTrue, whenFalse, extra] = argument.kind === 'array' ? argument.items : [];
  const name = stringOf(nameNode);
  if (!nameNode || name === undefined || !whenTrue || !whenFalse || extra !== undefined) {
    return to.malformed('Fn::If', from, 'a condition and two values');
  }
  const { holds } = to.decide(name, nameNode);
  const [chosen, other] = holds === false ? [whenFalse, whenTrue] : [whenTrue, whenFalse];
  if (holds !== undefined) {
    const is = `condition ${name} is ${String(holds)}`;
    to.derivation.setAside(nameNode, { fidelity: 'same', kubernetes: [], lost: is });
    to.derivation.setAside(other, { fidelity: 'same', kubernetes: [], lost: `not chosen: ${is}` });
  } else {
    const lost = `condition ${name} cannot be decided; the value for when it holds is taken`;
    const todo = 'supply the parameters that the condition depends on';
    to.derivation.setAside(nameNode, { fidelity: 'near', kubernetes: [], lost, todo });
    to.derivation.setAside(other, { fidelity: 'near', kubernetes: [], lost: `not chosen: ${lost}`, todo });
  }
  return to.resolve(chosen);
}

/** `Fn::FindInMap`, with the default value that the language extensions add. */
export function findInMap(
  argument: SourceNode,
  mappings: SourceNode | undefined,
  from: SourceNode,
  to: Resolving,
): SourceNode | undefined {
  const items = argument.kind === 'array' ? argument.items : [];
  const keys = items.slice(0, 3).map((item) => textOf(to.resolve(item), to.derivation));
  if (keys.length < 3) return to.malformed('Fn::FindInMap', from, 'a map and two keys');
  const name = keys.map((key) => nameOf(key, from, to.derivation)).join('.');
  const missing = keys.flatMap((key) => key.missing)[0];
  if (missing !== undefined) return to.unknown(name, from, missing.supply);
  const found = keys.reduce<SourceNode | undefined>((node, key) => memberOf(node, key.text), mappings);
  if (found !== undefined) return to.derivation.copy(found, from);
  const otherwise = memberOf(items[3], 'DefaultValue');
  const value = otherwise === undefined ? undefined : to.resolve(otherwise);
  if (value !== undefined) return to.derivation.copy(value, from);
  to.derivation.say('warning', 'unknown-mapping', `the template's Mappings have no ${name}`, from);
  return to.unknown(name, from);
}
