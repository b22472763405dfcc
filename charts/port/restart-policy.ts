import type { Field } from '../ecs/field.js';
import type { ContainerDefinition } from '../ecs/model/ahead-of-sdk.js';
import { ANNOTATION } from './annotations.js';
import { atLeast } from './kubernetes-version.js';
import type { ContainerDraft, PodDraft, PortContext } from './pod-draft.js';
import type { Role } from './role.js';

type RestartPolicy = Field<NonNullable<ContainerDefinition['restartPolicy']>>;

/** ECS restarts a container only after it ran so long, unless the policy says otherwise. Source: ECS API `ContainerRestartPolicy`. */
const ATTEMPT_PERIOD_SECONDS = 300;

const CARRIED = `metadata.annotations["${ANNOTATION.restartPolicy}"]`;
const OPERATOR = 'install the tranship operator, which replaces the pod instead';

/**
 * ECS's restart policy of a container: it restarts in place, unless its exit code is ignored or it ran too short; then it
 * stays stopped and, if it is essential, the task ends.
 *
 * Exit codes become restart rules where a container that stays stopped does no harm: on main containers that are not
 * essential (1.35), and as a restart of the whole pod on essential ones (1.36). An annotation tells an operator the rest.
 *
 * Source: amazon-ecs-agent agent/api/container/restart/restart_tracker.go; KEP-5307, KEP-5532.
 */
export function applyRestartPolicies(
  pod: PodDraft,
  context: PortContext,
  roles: ReadonlyMap<string, Role>,
  runsOnce: boolean,
): void {
  const policies: Record<string, unknown> = {};
  for (const draft of pod.containers) {
    const policy = draft.definition.get('restartPolicy');
    if (!policy.exists) continue;
    const enabled = policy.get('enabled');
    if (enabled.value !== true) {
      enabled.same('Container.restartPolicy');
      policy.mark({ fidelity: 'same', kubernetes: [], lost: 'not in force, since the policy is not enabled' });
      continue;
    }
    const role = roles.get(draft.ecsName) ?? 'main';
    const once = runsOnce && role === 'main';
    enabled.near(
      'Container.restartPolicy',
      once
        ? 'a container whose end ends the Job is not restarted'
        : 'restarts in place, but after crashes with growing delays of up to 5 minutes, where ECS restarts at once',
    );
    const period = policy.get('restartAttemptPeriod');
    period.needsAddon(CARRIED, 'Kubernetes restarts however short the container ran', OPERATOR);
    applyIgnoredCodes(policy, draft, context, once ? 'init' : role);
    policies[draft.spec.name] = {
      attemptPeriodSeconds: period.value ?? ATTEMPT_PERIOD_SECONDS,
      ignoredExitCodes: policy.get('ignoredExitCodes').value ?? [],
    };
  }
  if (Object.keys(policies).length > 0) pod.annotations.set(ANNOTATION.restartPolicy, JSON.stringify(policies));
}

function applyIgnoredCodes(policy: RestartPolicy, draft: ContainerDraft, context: PortContext, role: Role): void {
  const codes = policy.get('ignoredExitCodes');
  const values = [...new Set(codes.value)].sort((a, b) => a - b);
  const { kubernetes } = context.options;
  if (values.length === 0) {
    codes.same([], 'no exit code is ignored');
    return;
  }
  const essential = draft.definition.get('essential').value !== false;
  if (essential && role !== 'init' && atLeast(kubernetes, '1.36')) {
    draft.spec.restartPolicy = 'Always';
    draft.spec.restartPolicyRules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values } }];
    codes.near(
      'Container.restartPolicyRules',
      'all containers restart in place, where ECS replaces the task',
      OPERATOR,
    );
  } else if (!essential && role === 'main' && atLeast(kubernetes, '1.35')) {
    draft.spec.restartPolicy = 'Never';
    draft.spec.restartPolicyRules = [{ action: 'Restart', exitCodes: { operator: 'NotIn', values } }];
    codes.same('Container.restartPolicyRules');
    context.findings.require(
      'kubernetes-version',
      `${context.title}: restart rules of container ${draft.spec.name} (1.35)`,
    );
  } else codes.needsAddon(CARRIED, 'the container restarts whatever its exit code is', OPERATOR);
}
