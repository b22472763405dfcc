import { atLeast } from '../../port/kubernetes-version.js';
import { below, quoted, type Report } from '../finding.js';
import { field, isObject, listOf, numberOf, textOf } from '../json.js';
import { dnsLabel, pathSegment } from '../names.js';
import { parseQuantity } from '../quantity.js';
import { type CheckContext, expectName, expectOneOf, expectRange, expectText, type Rule } from '../rule.js';
import { checkLabelSelector } from './selectors.js';
import { checkShare } from './workloads.js';

/** Source of a metric by its type, and the field that holds it. */
const SOURCES: ReadonlyMap<string, string> = new Map([
  ['Resource', 'resource'],
  ['ContainerResource', 'containerResource'],
  ['Pods', 'pods'],
  ['Object', 'object'],
  ['External', 'external'],
]);

/** What a metric's target may be compared by. */
const TARGETS: ReadonlyMap<string, readonly string[]> = new Map([
  ['resource', ['averageUtilization', 'averageValue']],
  ['containerResource', ['averageUtilization', 'averageValue']],
  ['pods', ['averageValue']],
  ['object', ['value', 'averageValue']],
  ['external', ['value', 'averageValue']],
]);

/** Source: pkg/apis/autoscaling/validation/validation.go, validateHorizontalPodAutoscalerSpec */
export const horizontalPodAutoscaler: Rule = ({ manifest, version, report }) => {
  const spec = field(manifest, 'spec');
  if (!isObject(spec)) return report('spec', 'is required');
  const least = numberOf(spec, 'minReplicas');
  const most = numberOf(spec, 'maxReplicas');
  if (least !== undefined && least < 1)
    report(
      'spec.minReplicas',
      `${least} is out of range, must be at least 1: the feature HPAScaleToZero is off by default; KEDA scales to 0`,
    );
  expectRange(report, 'spec.maxReplicas', most, 1);
  if (least !== undefined && most !== undefined && most < least)
    report('spec.maxReplicas', `${most} must be at least minReplicas (${least})`);
  checkReference(report, spec['scaleTargetRef'], 'spec.scaleTargetRef');
  const group = textOf(spec['scaleTargetRef'], 'apiVersion') ?? '';
  if (!/^[^/]+\/[^/]+$/.test(group))
    report('spec.scaleTargetRef.apiVersion', `${quoted(group)} must name a group and a version, as in apps/v1`);
  for (const [index, metric] of listOf(spec, 'metrics').entries())
    checkMetric(report, metric, below('spec.metrics', index));
  for (const direction of ['scaleUp', 'scaleDown'])
    checkScalingRules({ report, version }, field(spec['behavior'], direction), `spec.behavior.${direction}`);
};

function checkReference(report: Report, reference: unknown, path: string): void {
  for (const name of ['kind', 'name']) {
    expectText(report, `${path}.${name}`, field(reference, name));
    expectName(report, `${path}.${name}`, field(reference, name), pathSegment);
  }
}

function checkMetric(report: Report, metric: unknown, path: string): void {
  const type = textOf(metric, 'type');
  expectOneOf(report, `${path}.type`, type, [...SOURCES.keys()]);
  const expected = SOURCES.get(type ?? '');
  if (expected === undefined) return;
  for (const name of SOURCES.values())
    if (name !== expected && field(metric, name) !== undefined)
      report(`${path}.${name}`, `must be left out with type ${quoted(type)}`);
  const source = field(metric, expected);
  if (!isObject(source)) return report(`${path}.${expected}`, `is required with type ${quoted(type)}`);
  const at = `${path}.${expected}`;
  if (expected === 'containerResource') {
    expectName(report, `${at}.container`, source['container'], dnsLabel);
    expectOneOf(report, `${at}.name`, source['name'], ['cpu', 'memory', 'ephemeral-storage']);
  }
  if (expected === 'object') checkReference(report, source['describedObject'], `${at}.describedObject`);
  if (isObject(source['metric'])) {
    expectText(report, `${at}.metric.name`, source['metric']['name']);
    expectName(report, `${at}.metric.name`, source['metric']['name'], pathSegment);
  }
  checkTarget(report, source['target'], `${at}.target`, expected);
}

function checkTarget(report: Report, target: unknown, path: string, source: string): void {
  if (!isObject(target)) return;
  expectOneOf(report, `${path}.type`, target['type'], ['Utilization', 'Value', 'AverageValue']);
  const allowed = TARGETS.get(source) ?? [];
  const given = allowed.filter((name) => target[name] !== undefined);
  if (given.length === 0) report(`${path}.${allowed.at(-1) ?? 'value'}`, `one of ${allowed.join(', ')} is required`);
  if (given.length > 1 && source !== 'object') report(path, `has ${given.join(' and ')}, only one of them is allowed`);
  expectRange(report, `${path}.averageUtilization`, target['averageUtilization'], 1);
  for (const name of ['value', 'averageValue']) {
    const amount = parseQuantity(target[name]);
    if (amount !== undefined && amount <= 0n) report(`${path}.${name}`, `${quoted(target[name])} must be more than 0`);
  }
}

function checkScalingRules({ report, version }: CheckContext, rules: unknown, path: string): void {
  if (!isObject(rules)) return;
  expectRange(report, `${path}.stabilizationWindowSeconds`, rules['stabilizationWindowSeconds'], 0, 3600);
  expectOneOf(report, `${path}.selectPolicy`, rules['selectPolicy'], ['Max', 'Min', 'Disabled']);
  if (rules['tolerance'] !== undefined && !atLeast(version, '1.35'))
    report(
      `${path}.tolerance`,
      `is dropped by Kubernetes ${version}: the feature HPAConfigurableTolerance is on from 1.35`,
    );
  // Left out, the server fills in its own policies; a list that is there must not be empty.
  if (Array.isArray(rules['policies']) && rules['policies'].length === 0)
    report(`${path}.policies`, 'is empty; add a policy or leave it out');
  for (const [index, policy] of listOf(rules, 'policies').entries()) {
    const at = below(`${path}.policies`, index);
    expectOneOf(report, `${at}.type`, field(policy, 'type'), ['Pods', 'Percent']);
    expectRange(report, `${at}.value`, field(policy, 'value'), 1);
    expectRange(report, `${at}.periodSeconds`, field(policy, 'periodSeconds'), 1, 1800);
  }
}

/** Source: pkg/apis/policy/validation/validation.go, ValidatePodDisruptionBudgetSpec */
export const podDisruptionBudget: Rule = ({ manifest, report }) => {
  const spec = field(manifest, 'spec');
  if (!isObject(spec)) return;
  if (spec['minAvailable'] !== undefined && spec['maxUnavailable'] !== undefined)
    report('spec', 'has minAvailable and maxUnavailable, only one of them is allowed');
  for (const name of ['minAvailable', 'maxUnavailable']) checkShare(report, spec[name], `spec.${name}`, true);
  checkLabelSelector(report, 'spec.selector', spec['selector']);
  expectOneOf(report, 'spec.unhealthyPodEvictionPolicy', spec['unhealthyPodEvictionPolicy'], [
    'IfHealthyBudget',
    'AlwaysAllow',
  ]);
};
