import type { SourceNode } from '../../source/source-node.js';
import { asText, at, implied, list, made, membersOf, object, textOf } from '../derived/nodes.js';
import type { Project } from './project.js';

/** `environment` of a container; a name without a value takes it from the shell, which is the parameter of that name. */
export function environmentOf(project: Project, node: SourceNode | undefined): SourceNode | undefined {
  if (node === undefined) return undefined;
  return list(
    node,
    project.pairs(node).map(({ name, key, value, node: pair }) => {
      const given = value === undefined ? project.parameter(key, `\${${key}}`, pair, pair) : asText(value);
      if (given === undefined) project.reject(pair, 'a variable has a text');
      return given === undefined
        ? undefined
        : object(pair, [
            ['name', name],
            ['value', given],
          ]);
    }),
  );
}

/** `systemControls` of a container from `sysctls`. */
export function systemControlsOf(project: Project, node: SourceNode | undefined): SourceNode | undefined {
  if (node === undefined) return undefined;
  return list(
    node,
    project.pairs(node).map(({ name, value, node: pair }) =>
      object(pair, [
        ['namespace', name],
        ['value', asText(value) ?? made('', pair)],
      ]),
    ),
  );
}

/** `extraHosts` of a container: `host:address` or `host=address` in a list, or a map. */
export function extraHostsOf(project: Project, node: SourceNode | undefined): SourceNode | undefined {
  if (node === undefined) return undefined;
  if (node.kind === 'object') {
    return list(
      node,
      project.pairs(node).map(({ name, value, node: pair }) =>
        object(pair, [
          ['hostname', name],
          ['ipAddress', asText(value)],
        ]),
      ),
    );
  }
  return list(
    node,
    project.strings(node).map((item) => {
      const match = /^([^:=\s]+)[:=](.+)$/.exec(textOf(item) ?? '');
      const [, host, address] = match ?? [];
      if (host !== undefined && address !== undefined) {
        return object(item, [
          ['hostname', implied(host, item)],
          ['ipAddress', made(address.trim().replace(/^\[(.*)\]$/, '$1'), item)],
        ]);
      }
      project.reject(item, 'an extra host has the form HOST:ADDRESS');
      return undefined;
    }),
  );
}

/** `ulimits` of a container: one number for both limits, or `soft` and `hard`. */
export function ulimitsOf(node: SourceNode | undefined): SourceNode | undefined {
  if (node === undefined) return undefined;
  return list(
    node,
    membersOf(node).map(({ key, value }) => {
      const name = implied(key, value);
      const [soft, hard] = value.kind === 'object' ? [at(value, 'soft'), at(value, 'hard')] : [value, value];
      return soft === undefined && hard === undefined
        ? undefined
        : object(value, [
            ['name', name],
            ['softLimit', soft ?? hard],
            ['hardLimit', hard ?? soft],
          ]);
    }),
  );
}

/** `secrets` or secret options from a list of `{name, value_from}` in `ecs-params.yml`. */
export function paramSecretsOf(node: SourceNode | undefined): SourceNode | undefined {
  if (node?.kind !== 'array') return undefined;
  return list(
    node,
    node.items.map((item) =>
      object(item, [
        ['name', at(item, 'name')],
        ['valueFrom', at(item, 'value_from')],
      ]),
    ),
  );
}
