import { atLeast } from '../../port/kubernetes-version.js';
import { below } from '../finding.js';
import { field, isObject, listOf, textOf } from '../json.js';
import { type CheckContext, expectOneOf } from '../rule.js';

const POLICIES = ['Always', 'Never', 'OnFailure'];

/**
 * Restart policies of single containers. An init container may say `Always`, which makes it a sidecar, in every target;
 * everything else needs the feature ContainerRestartRules, which is on from 1.35.
 * Source: pkg/apis/core/validation/validation.go, validateContainerRestartPolicy and validateInitContainerRestartPolicy
 */
export function checkRestartPolicy(
  { report, version }: CheckContext,
  container: unknown,
  path: string,
  isInit: boolean,
): void {
  const policy = textOf(container, 'restartPolicy');
  const rules = listOf(container, 'restartPolicyRules');
  if (!atLeast(version, '1.35')) {
    if (policy !== undefined && !(isInit && policy === 'Always')) {
      // 1.34 knows the feature, off by default, and then takes the field away where 1.33 refuses it.
      const fate = atLeast(version, '1.34') ? 'dropped' : 'refused';
      const allowed = isInit ? 'only Always is allowed on an init container' : 'it may not be set on a container';
      report(
        `${path}.restartPolicy`,
        `${policy} is ${fate} by Kubernetes ${version}, where ${allowed}; target 1.35 or leave it out`,
      );
    }
    if (rules.length > 0)
      report(
        `${path}.restartPolicyRules`,
        `are dropped by Kubernetes ${version}: the feature ContainerRestartRules is on from 1.35`,
      );
    return;
  }
  expectOneOf(report, `${path}.restartPolicy`, policy, POLICIES);
  if (rules.length > 0 && policy === undefined)
    report(`${path}.restartPolicy`, 'is required beside restartPolicyRules');
  if (rules.length > 20) report(`${path}.restartPolicyRules`, `has ${rules.length} rules, at most 20 are allowed`);
  const restartsAll = atLeast(version, '1.36');
  if (isInit && policy === 'Always' && rules.length > 0 && !restartsAll) {
    report(
      `${path}.restartPolicyRules`,
      `are refused by Kubernetes ${version} on a sidecar; target 1.36 or leave them out`,
    );
  }
  for (const [index, rule] of rules.entries())
    checkRule({ report, version }, rule, below(`${path}.restartPolicyRules`, index));
}

function checkRule({ report, version }: CheckContext, rule: unknown, path: string): void {
  const action = textOf(rule, 'action');
  if (action === 'RestartAllContainers' && !atLeast(version, '1.36')) {
    report(
      `${path}.action`,
      `RestartAllContainers is refused by Kubernetes ${version}: the feature RestartAllContainersOnContainerExits is on from 1.36; use Restart`,
    );
  } else {
    expectOneOf(report, `${path}.action`, action, ['Restart', 'RestartAllContainers']);
  }
  const exitCodes = field(rule, 'exitCodes');
  if (!isObject(exitCodes)) return report(`${path}.exitCodes`, 'is required');
  expectOneOf(report, `${path}.exitCodes.operator`, exitCodes['operator'], ['In', 'NotIn']);
  const values = listOf(exitCodes, 'values');
  if (values.length > 255) report(`${path}.exitCodes.values`, `has ${values.length} values, at most 255 are allowed`);
}
