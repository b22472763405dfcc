import type { InputDocument, ReadOptions } from '../../input.js';
import type { SourceMember, SourceNode } from '../../source/source-node.js';
import type { Coverage } from '../derived/coverage.js';
import { Derivation } from '../derived/derivation.js';
import { at, implied, itemsOf, keyNode, made, membersOf, numberOf, object, textOf } from '../derived/nodes.js';
import { interpolate } from './interpolation.js';

/** A name with a value, from a map or from a list of `NAME=VALUE`. */
export interface Pair {
  readonly name: SourceNode;
  readonly key: string;
  /** Undefined when only the name stands there. */
  readonly value: SourceNode | undefined;
  readonly node: SourceNode;
}

/** A compose file with the `ecs-params.yml` beside it: one task definition, whose containers are the services. */
export class Project extends Derivation {
  /** The compose file with its variables replaced. */
  readonly root: SourceNode;
  /** `ecs-params.yml` with its variables replaced. */
  readonly params: SourceNode | undefined;
  readonly name: string;
  /** The services, by name in the order of the file. */
  readonly services: readonly SourceMember[];

  constructor(document: InputDocument, params: InputDocument | undefined, options: ReadOptions, coverage: Coverage) {
    super(document, options, coverage);
    const valueOf = (name: string): string | undefined => options.parameters.get(name);
    this.root = interpolate(document.root, valueOf);
    this.params = params === undefined ? undefined : interpolate(params.root, valueOf);
    this.services = servicesOf(this.root).filter(({ value }) => value.kind === 'object');
    this.name = textOf(at(this.root, 'name')) ?? nameFromPath(document.path);
  }

  /** A field of `task_definition` in `ecs-params.yml`. */
  param(...keys: readonly string[]): SourceNode | undefined {
    return at(this.params, 'task_definition', ...keys);
  }

  /** Major version of the file format; 3 for files without one, which follow the Compose specification. */
  get version(): number {
    return Math.floor(numberOf(at(this.root, 'version')) ?? (at(this.root, 'services') === undefined ? 1 : 3));
  }

  /** The first node that there is; the others are marked as overridden. @param by what overrides them */
  first(by: string, ...candidates: readonly (SourceNode | undefined)[]): SourceNode | undefined {
    const [chosen, ...others] = candidates.filter((node) => node !== undefined);
    for (const other of others) this.coverage.same(other, [], `overridden by ${by}`);
    return chosen;
  }

  /** A list of strings; one string counts as a list of one. */
  strings(node: SourceNode | undefined): readonly SourceNode[] {
    return node === undefined ? [] : node.kind === 'array' ? node.items : node.kind === 'scalar' ? [node] : [];
  }

  /** The pairs of a map, or of a list of `NAME=VALUE`. */
  pairs(node: SourceNode | undefined): readonly Pair[] {
    if (node?.kind === 'object') {
      return membersOf(node).map((member) => {
        const unset = member.value.kind === 'scalar' && member.value.value === null;
        return { name: keyNode(member), key: member.key, value: unset ? undefined : member.value, node: member.value };
      });
    }
    return itemsOf(node).flatMap((item): readonly Pair[] => {
      const text = textOf(item);
      if (text === undefined) return [];
      const equals = text.indexOf('=');
      const key = equals < 0 ? text : text.slice(0, equals);
      const name = implied(key, item);
      return [{ name, key, value: equals < 0 ? undefined : made(text.slice(equals + 1), item), node: item }];
    });
  }

  /** A map of strings from a map or a list of `NAME=VALUE`; a name alone has the empty string. */
  map(node: SourceNode | undefined): SourceNode | undefined {
    const pairs = this.pairs(node);
    if (node === undefined || pairs.length === 0) return undefined;
    return object(
      node,
      pairs.map(({ key, value, node: pair }) => [key, value ?? made('', pair)]),
    );
  }
}

/** The services of a compose file; those of the first file format stand at the top. */
export function servicesOf(root: SourceNode): readonly SourceMember[] {
  const services = at(root, 'services');
  return services === undefined ? membersOf(root) : membersOf(services);
}

/**
 * Name of a project that names itself nowhere: that of its folder, as compose takes it. A file beside the folder's own
 * compose file adds what its name adds: `shop/docker-compose.prod.yml` is `shop-prod`.
 */
function nameFromPath(path: string): string {
  const parts = path.split(/[/\\]/).filter((part) => part !== '' && part !== '.' && part !== '..');
  const suffix = /compose[._-](.+)\.ya?ml$/i.exec(parts.at(-1) ?? '')?.[1];
  const folder = parts.at(-2) ?? 'compose';
  return suffix === undefined ? folder : `${folder}-${suffix}`;
}
