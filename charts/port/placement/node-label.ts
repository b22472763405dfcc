import { createHash } from 'node:crypto';

/** The prefix of the node labels that stand for ECS attributes for which Kubernetes has no label of its own. */
export const DEFAULT_LABEL_PREFIX = 'ecs.tranship.dev';

/** Karpenter's labels for the parts of an instance type, such as `m5`, `m` and `large` of `m5.large`. */
export const INSTANCE_FAMILY = 'karpenter.k8s.aws/instance-family';
export const INSTANCE_CATEGORY = 'karpenter.k8s.aws/instance-category';
export const INSTANCE_SIZE = 'karpenter.k8s.aws/instance-size';

export const OPERATING_SYSTEM = 'kubernetes.io/os';
export const WINDOWS_BUILD = 'node.kubernetes.io/windows-build';
const ARCHITECTURE = 'kubernetes.io/arch';

/** The label that takes the place of an ECS attribute. */
export interface AttributeLabel {
  readonly key: string;
  /** Whether the kubelet or the cloud controller sets it; otherwise the node group has to. */
  readonly wellKnown: boolean;
  /** Whether every node carries it, as every container instance carries the attribute. */
  readonly always: boolean;
  /** The label's value for a value of the attribute; `undefined` for a value that no container instance has. */
  value(attributeValue: string): string | undefined;
}

const WELL_KNOWN = new Map<string, AttributeLabel>([
  ['ecs.instance-type', wellKnown('node.kubernetes.io/instance-type', false)],
  ['ecs.availability-zone', wellKnown('topology.kubernetes.io/zone', false)],
  ['ecs.os-type', wellKnown(OPERATING_SYSTEM, true)],
  ['ecs.cpu-architecture', { ...wellKnown(ARCHITECTURE, true), value: architecture }],
]);

/** The Windows build that each `ecs.os-family` runs; a family without one is `LINUX`. Source: ECS `OSFamily`, Windows release information. */
export const OS_FAMILIES: ReadonlyMap<string, string | undefined> = new Map([
  ['LINUX', undefined],
  ['WINDOWS_SERVER_2016_FULL', '10.0.14393'],
  ['WINDOWS_SERVER_2019_CORE', '10.0.17763'],
  ['WINDOWS_SERVER_2019_FULL', '10.0.17763'],
  ['WINDOWS_SERVER_2004_CORE', '10.0.19041'],
  ['WINDOWS_SERVER_20H2_CORE', '10.0.19042'],
  ['WINDOWS_SERVER_2022_CORE', '10.0.20348'],
  ['WINDOWS_SERVER_2022_FULL', '10.0.20348'],
  ['WINDOWS_SERVER_2025_CORE', '10.0.26100'],
  ['WINDOWS_SERVER_2025_FULL', '10.0.26100'],
]);

/**
 * The node label for an ECS attribute: Kubernetes' own where there is one, else `<prefix>/<name>`.
 *
 * @example attributeLabel('ecs.availability-zone', 'ecs.tranship.dev').key // 'topology.kubernetes.io/zone'
 * @example attributeLabel('stack', 'ecs.tranship.dev').key // 'ecs.tranship.dev/stack'
 */
export function attributeLabel(name: string, prefix: string): AttributeLabel {
  const known = WELL_KNOWN.get(name);
  return known ?? { key: customLabelKey(name, prefix), wellKnown: false, always: false, value: labelValue };
}

/** `<prefix>/<name>`, with a name that is not valid in a label key made so without meeting another one. */
export function customLabelKey(name: string, prefix: string): string {
  return `${prefix}/${labelValue(name) || 'x'}`;
}

/**
 * A value as a label may carry it: at most 63 letters, digits, `-`, `_` and `.`, starting and ending with a letter or
 * digit. Other values are trimmed and get the first 8 digits of their SHA-256, so that two values stay two labels.
 *
 * @example labelValue('us-east-1a') // 'us-east-1a'
 * @example labelValue('team a/b') // 'team_a_b-' and 8 hexadecimal digits
 */
export function labelValue(value: string): string {
  if (value.length <= 63 && /^(?:[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?)?$/.test(value)) return value;
  const hash = createHash('sha256').update(value).digest('hex').slice(0, 8);
  const start = value
    .slice(0, 54)
    .replaceAll(/[^-\w.]/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '');
  return start === '' ? `x-${hash}` : `${start}-${hash}`;
}

/**
 * The labels of a node that takes the place of a container instance with these attributes, those that Karpenter derives
 * from the instance type included. Attributes of the agent's abilities (`ecs.capability.*`) have no label.
 *
 * @param attributes names and values, as `DescribeContainerInstances` lists them
 */
export function nodeLabels(attributes: ReadonlyMap<string, string>, prefix: string): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const [name, value] of attributes) {
    if (isCapability(name)) continue;
    if (name === 'ecs.os-family') {
      const build = OS_FAMILIES.get(value);
      if (build !== undefined) labels.set(WINDOWS_BUILD, build);
      labels.set(OPERATING_SYSTEM, build === undefined ? 'linux' : 'windows');
      continue;
    }
    const label = attributeLabel(name, prefix);
    const translated = label.value(value);
    if (translated !== undefined) labels.set(label.key, translated);
    if (name === 'ecs.instance-type') {
      const [family = '', size = ''] = value.split('.');
      labels.set(INSTANCE_FAMILY, family);
      labels.set(INSTANCE_CATEGORY, /^[a-z]*/.exec(family)?.[0] ?? '');
      labels.set(INSTANCE_SIZE, size);
    }
  }
  return labels;
}

/** Whether the attribute says what the ECS agent can do, such as `com.amazonaws.ecs.capability.ecr-auth`. */
export function isCapability(attributeName: string): boolean {
  return /^(?:com\.amazonaws\.)?ecs\.capability\./.test(attributeName);
}

function wellKnown(key: string, always: boolean): AttributeLabel {
  return { key, wellKnown: true, always, value: labelValue };
}

function architecture(value: string): string | undefined {
  if (value === 'x86_64') return 'amd64';
  // ECS has no architecture of this name, so it must not meet the nodes that Kubernetes calls so.
  return value === 'amd64' ? undefined : labelValue(value);
}
