import { below, quoted, type Report } from '../finding.js';
import { field, isObject, listOf, numberOf, textOf } from '../json.js';
import { dnsLabel } from '../names.js';
import { expectName, expectOneOf, expectRange, type Rule } from '../rule.js';
import { checkClaimSpec } from './claims.js';
import { checkPodTemplate } from './pod.js';
import { checkWorkloadSelector } from './selectors.js';

/** Source: pkg/apis/apps/validation/validation.go, ValidateDeploymentSpec */
export const deployment: Rule = ({ manifest, version, report }) => {
  const spec = field(manifest, 'spec');
  if (!isObject(spec)) return report('spec', 'is required');
  checkLongRunning(report, spec);
  checkPodTemplate({ report, version }, spec['template'], 'spec.template');
  const strategy = spec['strategy'];
  const type = textOf(strategy, 'type') ?? 'RollingUpdate';
  const rolling = field(strategy, 'rollingUpdate');
  if (type === 'Recreate' && rolling !== undefined)
    report('spec.strategy.rollingUpdate', 'must be left out with type Recreate');
  if (type === 'RollingUpdate') checkDeploymentRollout(report, rolling);
  const deadline = numberOf(spec, 'progressDeadlineSeconds') ?? 600;
  const ready = numberOf(spec, 'minReadySeconds') ?? 0;
  if (deadline <= ready)
    report(
      'spec.progressDeadlineSeconds',
      `${deadline} must be more than minReadySeconds (${ready}); it is 600 when left out`,
    );
};

/** A rolling update moves: at least one pod more, or one less, than wanted. Source: ValidateRollingUpdateDeployment */
function checkDeploymentRollout(report: Report, rolling: unknown): void {
  const path = 'spec.strategy.rollingUpdate';
  const unavailable = checkShare(report, field(rolling, 'maxUnavailable') ?? '25%', `${path}.maxUnavailable`, true);
  const surge = checkShare(report, field(rolling, 'maxSurge') ?? '25%', `${path}.maxSurge`, false);
  if (unavailable === 0 && surge === 0)
    report(
      `${path}.maxUnavailable`,
      '0 is not allowed when maxSurge is 0: the update could never move; set one of them to 1',
    );
}

/** Source: pkg/apis/apps/validation/validation.go, ValidateDaemonSetSpec */
export const daemonSet: Rule = ({ manifest, version, report }) => {
  const spec = field(manifest, 'spec');
  if (!isObject(spec)) return report('spec', 'is required');
  checkLongRunning(report, spec);
  checkPodTemplate({ report, version }, spec['template'], 'spec.template');
  const rolling = field(spec['updateStrategy'], 'rollingUpdate');
  if (textOf(spec['updateStrategy'], 'type') === 'OnDelete' || !isObject(rolling)) return;
  const path = 'spec.updateStrategy.rollingUpdate';
  const unavailable = checkShare(report, rolling['maxUnavailable'] ?? 1, `${path}.maxUnavailable`, true);
  const surge = checkShare(report, rolling['maxSurge'] ?? 0, `${path}.maxSurge`, true);
  if (unavailable === 0 && surge === 0)
    report(
      `${path}.maxUnavailable`,
      '0 is not allowed when maxSurge is 0: the update could never move; set one of them to 1',
    );
  if (unavailable > 0 && surge > 0)
    report(
      `${path}.maxSurge`,
      'must be 0 when maxUnavailable is more than 0 (it is 1 when left out); a node runs one pod or two, not both ways',
    );
};

/** Source: pkg/apis/apps/validation/validation.go, ValidateStatefulSetSpec */
export const statefulSet: Rule = ({ manifest, version, report }) => {
  const spec = field(manifest, 'spec');
  if (!isObject(spec)) return report('spec', 'is required');
  checkLongRunning(report, spec);
  const claims = listOf(spec, 'volumeClaimTemplates');
  const claimed = claims.flatMap((claim) => textOf(field(claim, 'metadata'), 'name') ?? []);
  checkPodTemplate({ report, version }, spec['template'], 'spec.template', claimed);
  for (const [index, claim] of claims.entries()) {
    const path = below('spec.volumeClaimTemplates', index);
    // The claim's name is the name of a volume in each pod.
    expectName(report, `${path}.metadata.name`, textOf(field(claim, 'metadata'), 'name') ?? '', dnsLabel);
    checkClaimSpec({ report, version }, field(claim, 'spec'), `${path}.spec`);
  }
  if (spec['serviceName'] !== '') expectName(report, 'spec.serviceName', spec['serviceName'], dnsLabel);
  expectRange(report, 'spec.ordinals.start', field(spec['ordinals'], 'start'), 0);
  for (const when of ['whenDeleted', 'whenScaled']) {
    expectOneOf(
      report,
      `spec.persistentVolumeClaimRetentionPolicy.${when}`,
      field(spec['persistentVolumeClaimRetentionPolicy'], when),
      ['Retain', 'Delete'],
    );
  }
  const rolling = field(spec['updateStrategy'], 'rollingUpdate');
  if (textOf(spec['updateStrategy'], 'type') === 'OnDelete' && rolling !== undefined)
    report('spec.updateStrategy.rollingUpdate', 'must be left out with type OnDelete');
  expectRange(report, 'spec.updateStrategy.rollingUpdate.partition', field(rolling, 'partition'), 0);
  if (field(rolling, 'maxUnavailable') !== undefined) {
    report(
      'spec.updateStrategy.rollingUpdate.maxUnavailable',
      `is dropped by Kubernetes ${version}: the feature MaxUnavailableStatefulSet is off by default`,
    );
  }
};

/** What Deployments, DaemonSets and StatefulSets share: their pods run until they are told to stop. */
function checkLongRunning(report: Report, spec: Readonly<Record<string, unknown>>): void {
  checkWorkloadSelector(report, spec);
  for (const number of ['replicas', 'minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds'])
    expectRange(report, `spec.${number}`, spec[number], 0);
  const pod = field(spec['template'], 'spec');
  const policy = textOf(pod, 'restartPolicy');
  if (policy !== undefined && policy !== 'Always' && policy !== '') {
    report(
      'spec.template.spec.restartPolicy',
      `${quoted(policy)} is not allowed here, it must be Always; set restartPolicy on containers (from 1.35) or use a Job`,
    );
  }
  if (field(pod, 'activeDeadlineSeconds') !== undefined)
    report('spec.template.spec.activeDeadlineSeconds', 'must not be set here; it is for Jobs and single pods');
}

/**
 * A number of pods or a share of them.
 * Source: ValidatePositiveIntOrPercent and IsNotMoreThan100Percent
 *
 * @param capped whether more than 100% is refused
 * @returns the number before `%` or itself, 0 for what is neither
 */
export function checkShare(report: Report, value: unknown, path: string, capped: boolean): number {
  if (typeof value === 'number') {
    expectRange(report, path, value, 0);
    return value;
  }
  if (typeof value !== 'string') return 0;
  const percent = /^(\d{1,9})%$/.exec(value)?.[1];
  if (percent === undefined) {
    report(path, `${quoted(value)} must be an integer or a percentage such as 25%`);
    return Number.NaN;
  }
  if (capped && Number(percent) > 100) report(path, `${quoted(value)} is out of range, at most 100% is allowed`);
  return Number(percent);
}
