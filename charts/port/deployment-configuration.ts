import type { Field } from '../ecs/field.js';
import type { Service } from '../ecs/model/ahead-of-sdk.js';
import { ANNOTATION } from './annotations.js';
import { defaulted, unread } from './not-known.js';
import type { Workload } from './workload.js';

type Configuration = NonNullable<Service['deploymentConfiguration']>;

/** Where an operator finds all that a Deployment has no field for. */
const CARRIED = `metadata.annotations["${ANNOTATION.deployment}"]`;
const INSTALL = 'install the tranship operator, which reads the annotation';

/** What is left to an operator: the annotation's content, and the features in it that need one. */
export interface DeploymentDuties {
  /** JSON in ECS's own names; parts that the input lacks are absent. */
  readonly annotation: string;
  /** Such as `circuit breaker` and `lifecycle hooks`; empty when a Deployment does all that the service asks for. */
  readonly features: readonly string[];
}

/**
 * Translates all of `deploymentConfiguration` but the two percentages, and `deploymentController`: a Deployment knows
 * none of it, so it stands in an annotation, and without an operator the update is a rolling one.
 *
 * Source: ECS API `DeploymentConfiguration`, `DeploymentController`.
 *
 * @param percents the percentages in force, defaults included
 */
export function carryDeployment(
  workload: Workload,
  percents: { readonly maximumPercent: number; readonly minimumHealthyPercent: number },
): DeploymentDuties {
  const service = workload.service?.definition;
  const configuration = service?.get('deploymentConfiguration');
  const features: string[] = [];
  if (service !== undefined && configuration !== undefined) {
    unread(configuration);
    features.push(
      ...markController(service),
      ...markStrategy(configuration),
      ...markCircuitBreaker(configuration.get('deploymentCircuitBreaker')),
      ...markAlarms(configuration.get('alarms')),
      ...markHooks(configuration.get('lifecycleHooks')),
    );
    configuration
      .get('earlySuccessCriteria')
      .none('Kubernetes counts a deployment as done when all its pods are available, and not earlier');
  }
  const hooks = workload.appSpec?.hooks ?? [];
  workload.appSpec?.root.needsAddon(CARRIED, 'a Deployment runs no hooks and shifts no traffic', INSTALL);
  if (hooks.length > 0) features.push('appspec hooks');
  return { annotation: JSON.stringify(contentOf(workload, configuration, percents)), features: [...new Set(features)] };
}

function contentOf(workload: Workload, configuration: Field<Configuration> | undefined, percents: object): object {
  const service = workload.service?.definition;
  const controller = service?.get('deploymentController').get('type').value;
  const hooks = workload.appSpec?.hooks ?? [];
  const shifted = (service?.get('loadBalancers').items() ?? []).filter(
    (item) => item.get('advancedConfiguration').exists,
  );
  return {
    strategy: configuration?.get('strategy').value ?? 'ROLLING',
    ...percents,
    ...(controller === undefined ? {} : { deploymentController: controller }),
    ...present(configuration, 'deploymentCircuitBreaker'),
    ...present(configuration, 'alarms'),
    ...present(configuration, 'bakeTimeInMinutes'),
    ...(configuration?.get('lifecycleHooks').exists === true ? { lifecycleHooks: hooksOf(configuration) } : {}),
    ...present(configuration, 'linearConfiguration'),
    ...present(configuration, 'canaryConfiguration'),
    ...present(configuration, 'earlySuccessCriteria'),
    ...(shifted.length > 0 ? { loadBalancers: shifted.map((item) => trafficOf(item)) } : {}),
    ...(hooks.length > 0 ? { appSpec: { hooks } } : {}),
  };
}

function present(configuration: Field<Configuration> | undefined, key: keyof Configuration): object {
  const value = configuration?.get(key).value;
  return value === undefined ? {} : { [key]: value };
}

/** The role with which ECS calls a hook is left out: the operator calls it with its own. */
function hooksOf(configuration: Field<Configuration>): object[] {
  return configuration
    .get('lifecycleHooks')
    .items()
    .map((hook) => ({
      targetType: hook.get('targetType').value,
      hookTargetArn: hook.get('hookTargetArn').value,
      lifecycleStages: hook.get('lifecycleStages').value,
      hookDetails: hook.get('hookDetails').value,
      timeoutConfiguration: hook.get('timeoutConfiguration').value,
    }));
}

/** Which listener rules move which target groups; the role stays behind here too. */
function trafficOf(item: Field<NonNullable<Service['loadBalancers']>[number]>): object {
  const advanced = item.get('advancedConfiguration');
  return {
    targetGroupArn: item.get('targetGroupArn').value,
    alternateTargetGroupArn: advanced.get('alternateTargetGroupArn').value,
    productionListenerRule: advanced.get('productionListenerRule').value,
    testListenerRule: advanced.get('testListenerRule').value,
  };
}

function markController(service: Field<Service>): readonly string[] {
  unread(service.get('deploymentController'));
  const type = service.get('deploymentController').get('type');
  if (defaulted(type, 'the rolling update of a Deployment is used')) return [];
  switch (type.value) {
    case 'CODE_DEPLOY':
      type.needsAddon(
        ['Deployment.spec.strategy', CARRIED],
        'CodeDeploy shifts traffic between two sets of tasks; a Deployment replaces its pods one after the other',
        INSTALL,
      );
      return ['CodeDeploy blue/green deployment'];
    case 'EXTERNAL':
      type.none(
        'an outside controller makes the task sets; a Deployment has one set of pods and replaces them itself',
        'change that controller to apply the Deployment instead of creating task sets',
      );
      return [];
    default:
      type.same('Deployment.spec.strategy');
      return [];
  }
}

function markStrategy(configuration: Field<Configuration>): readonly string[] {
  const strategy = configuration.get('strategy');
  const bake = configuration.get('bakeTimeInMinutes');
  const lost = `a Deployment cannot do ${strategy.value ?? 'this'}: without an operator the update is a rolling one`;
  for (const key of ['linearConfiguration', 'canaryConfiguration'] as const) {
    const steps = configuration.get(key);
    if (!unread(steps)) steps.needsAddon(CARRIED, 'traffic is not shifted in steps', INSTALL);
  }
  bake.needsAddon(CARRIED, 'the old pods are removed at once, so there is nothing to go back to', INSTALL);
  const features = bake.exists ? ['bake time'] : [];
  if (defaulted(strategy, 'the update is a rolling one') || !strategy.exists) return features;
  if (strategy.value === 'ROLLING') {
    strategy.same('Deployment.spec.strategy');
    return features;
  }
  strategy.needsAddon(['Deployment.spec.strategy', CARRIED], lost, INSTALL);
  return [`${strategy.value ?? ''} deployment`, ...features];
}

function markCircuitBreaker(breaker: Field<NonNullable<Configuration['deploymentCircuitBreaker']>>): readonly string[] {
  if (unread(breaker) || !breaker.exists) return [];
  if (breaker.get('enable').value !== true) {
    breaker.same([], 'off; Kubernetes does not roll back by itself either');
    return [];
  }
  const lost = 'Kubernetes only reports a deployment that makes no progress in time; it counts no failed pods';
  breaker.get('enable').needsAddon(['Deployment.spec.progressDeadlineSeconds', CARRIED], lost, INSTALL);
  const rollback = breaker.get('rollback');
  if (rollback.value === false) rollback.same([], 'Kubernetes does not roll back either');
  else rollback.needsAddon(CARRIED, 'Kubernetes never rolls back by itself', INSTALL);
  breaker.get('resetOnHealthyTask').needsAddon(CARRIED, lost, INSTALL);
  const threshold = breaker.get('thresholdConfiguration');
  if (!unread(threshold)) threshold.needsAddon(CARRIED, lost, INSTALL);
  return ['deployment circuit breaker'];
}

function markAlarms(alarms: Field<NonNullable<Configuration['alarms']>>): readonly string[] {
  if (unread(alarms) || !alarms.exists) return [];
  if (alarms.get('enable').value === false) {
    alarms.same([], 'off; Kubernetes does not look at alarms either');
    return [];
  }
  alarms.needsAddon(
    CARRIED,
    'Kubernetes does not look at CloudWatch alarms',
    `${INSTALL}; it must be allowed cloudwatch:DescribeAlarms`,
  );
  return ['deployment alarms'];
}

function markHooks(hooks: Field<NonNullable<Configuration['lifecycleHooks']>>): readonly string[] {
  if (unread(hooks)) return [];
  for (const hook of hooks.items()) {
    if (unread(hook)) continue;
    hook.needsAddon(CARRIED, 'a Deployment has no lifecycle hooks', INSTALL);
    hook
      .get('roleArn')
      .none(
        'the operator calls the hook with its own role',
        'allow the role of the operator lambda:InvokeFunction on the hook',
      );
  }
  return hooks.items().length > 0 ? ['lifecycle hooks'] : [];
}
