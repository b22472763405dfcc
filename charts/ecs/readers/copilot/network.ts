import type { SourceNode } from '../../source/source-node.js';
import { asText, at, booleanOf, implied, list, made, membersOf, object, textOf } from '../derived/nodes.js';
import { environmentSubnets, type Manifest } from './manifest.js';
import type { Target } from './ports.js';

/**
 * `networkConfiguration` of the service: subnets of the environment by `placement` (public unless it says otherwise), or
 * those that are listed, and the additional security groups.
 */
export function networkConfigurationOf(manifest: Manifest): SourceNode {
  const vpc = manifest.get('network', 'vpc');
  const where = vpc ?? manifest.root;
  return object(where, [
    [
      'awsvpcConfiguration',
      object(where, [
        ...placementOf(manifest, at(vpc, 'placement'), where),
        ['securityGroups', securityGroupsOf(manifest, at(vpc, 'security_groups'))],
      ]),
    ],
  ]);
}

function placementOf(
  manifest: Manifest,
  placement: SourceNode | undefined,
  where: SourceNode,
): readonly (readonly [string, SourceNode | undefined])[] {
  const subnets = at(placement, 'subnets');
  if (placement !== undefined && subnets !== undefined) {
    const tags = at(subnets, 'from_tags');
    manifest.coverage.none(
      tags,
      'Copilot looks the subnets up by these tags when it deploys',
      `pass --parameter subnets.${manifest.name}=subnet-a,subnet-b, or select them by tag in the node class`,
    );
    const ids =
      tags === undefined
        ? manifest.strings(subnets)
        : subnetParameter(manifest, `subnets.${manifest.name}`, `subnets of ${manifest.name}`, tags);
    return [
      ['subnets', list(subnets, ids)],
      ['assignPublicIp', implied('DISABLED', placement)],
    ];
  }
  const kind = textOf(placement) === 'private' ? 'private' : 'public';
  const known = environmentSubnets(manifest, kind);
  const ids =
    known.length > 0 ? known : subnetParameter(manifest, `subnets.${kind}`, `${kind} subnets`, placement ?? where);
  const address = manifest.type === 'Request-Driven Web Service' || kind === 'private' ? 'DISABLED' : 'ENABLED';
  return [
    ['subnets', list(where, ids)],
    ['assignPublicIp', placement === undefined ? implied(address, where) : made(address, placement)],
  ];
}

function subnetParameter(manifest: Manifest, name: string, text: string, where: SourceNode): readonly SourceNode[] {
  const given = manifest.options.parameters.get(name);
  if (given === undefined) return [manifest.parameter(name, `\${${text}}`, where)];
  return given.split(',').map((id) => implied(id.trim(), where));
}

/**
 * The groups that the manifest adds. Copilot's own group of the environment goes with them, since a pod with groups of its
 * own has no others; without any, pods have those of their node, which let pods reach each other as that group does.
 */
function securityGroupsOf(manifest: Manifest, section: SourceNode | undefined): SourceNode | undefined {
  if (section === undefined) return undefined;
  const deny = at(section, 'deny_default');
  manifest.coverage.near(
    deny,
    ['SecurityGroupPolicy.spec.securityGroups.groupIds'],
    "says whether Copilot's own group of the environment is left out",
  );
  const groups = section.kind === 'array' ? section : at(section, 'groups');
  const own = manifest.strings(groups).map((group) => manifest.stringOrExport(group, 'a security group'));
  if (own.length === 0) return undefined;
  const shared =
    booleanOf(deny) === true
      ? undefined
      : manifest.parameter('securityGroup.environment', '${security group of the environment}', section);
  return list(section, [shared, ...own]);
}

/**
 * `serviceConnectConfiguration`: with `connect`, the service is reached by its name or `connect.alias` at the port that it
 * serves.
 */
export function serviceConnectOf(manifest: Manifest, target: Target | undefined): SourceNode {
  const connect = manifest.get('network', 'connect');
  const alias = at(connect, 'alias');
  const enabled = isConnected(manifest);
  const where = connect ?? manifest.root;
  const enabledNode = connect?.kind === 'scalar' ? made(enabled, connect) : implied(enabled, where);
  if (!enabled) return object(where, [['enabled', enabledNode]]);
  const { application, environment } = manifest;
  const namespace =
    application === undefined || environment === undefined
      ? undefined
      : implied(`${environment}.${application}.local`, where);
  return object(where, [
    ['enabled', enabledNode],
    ['namespace', namespace],
    [
      'services',
      target === undefined
        ? undefined
        : list(where, [
            object(where, [
              ['portName', implied('target', where)],
              ['discoveryName', implied(`${manifest.name}-sc`, where)],
              [
                'clientAliases',
                list(where, [
                  object(where, [
                    ['port', implied(target.port, where)],
                    ['dnsName', asText(alias) ?? implied(manifest.name, where)],
                  ]),
                ]),
              ],
            ]),
          ]),
    ],
  ]);
}

/**
 * `serviceRegistries`: Copilot registers each service with a port under its name in the environment's private DNS
 * namespace. Where a load balancer or Service Connect has the same port under that name, nothing more is needed. The
 * registry's ARN is not in the manifest; the name under which clients look it up stands in its place.
 */
export function serviceRegistriesOf(
  manifest: Manifest,
  target: Target | undefined,
  balanced: readonly Target[],
): SourceNode | undefined {
  if (target === undefined || isConnected(manifest) || balanced.some(({ port }) => port === target.port))
    return undefined;
  const where = manifest.root;
  return list(where, [
    object(where, [
      ['registryArn', implied(manifest.name, where)],
      ['containerName', implied(target.container, where)],
      ['containerPort', implied(target.port, where)],
    ]),
  ]);
}

/** Whether Service Connect is on: `connect: true`, or an alias. */
export function isConnected(manifest: Manifest): boolean {
  const connect = manifest.get('network', 'connect');
  return booleanOf(connect) === true || at(connect, 'alias') !== undefined;
}

/** Marks what `network` says when nothing of it can be used, such as an alias of a worker that serves no port. */
export function markUnservedConnect(manifest: Manifest, target: Target | undefined): void {
  const alias = manifest.get('network', 'connect', 'alias');
  if (target === undefined && membersOf(manifest.get('network', 'connect')).length > 0) {
    manifest.coverage.none(alias, 'the workload serves no port, so there is nothing to name');
  }
}
