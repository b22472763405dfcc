import type { Diagnostic } from '../diagnostic.js';
import type { Field } from '../field.js';
import type { Service, TaskDefinition } from '../model/ahead-of-sdk.js';
import { Refusals } from './refusals.js';
import { validateExpressions } from './validate-placement.js';

/** What ECS would refuse in a service with its task definition. Source: ECS API `CreateService`. */
export function validateService(
  service: Field<Service>,
  definition: Field<TaskDefinition>,
  stub: boolean,
): readonly Diagnostic[] {
  const refusals = new Refusals();
  const daemon = service.get('schedulingStrategy').value === 'DAEMON';
  refusals.range(service.get('desiredCount'), 0, 100_000);
  refusals.range(service.get('healthCheckGracePeriodSeconds'), 0, 2_147_483_647, ' seconds');
  const deployment = service.get('deploymentConfiguration');
  refusals.range(deployment.get('minimumHealthyPercent'), 0, daemon ? 100 : 10_000, ' percent');
  refusals.range(deployment.get('maximumPercent'), daemon ? 100 : 0, 10_000, ' percent');
  if (service.get('launchType').exists && service.get('capacityProviderStrategy').items().length > 0) {
    refusals.refuse(
      service.get('launchType'),
      'launch-type-and-strategy',
      'launchType and capacityProviderStrategy exclude each other',
      'keep one of them',
    );
  }
  validateStrategies(service, daemon, refusals);
  validateExpressions(service.get('placementConstraints').items(), refusals);
  if (!stub) validateLoadBalancers(service, definition, refusals);
  return refusals.diagnostics;
}

function validateStrategies(service: Field<Service>, daemon: boolean, refusals: Refusals): void {
  const strategies = service.get('placementStrategy').items();
  const first = strategies[0];
  if (daemon && first !== undefined)
    refusals.refuse(
      first,
      'strategy-on-daemon',
      'the DAEMON scheduling strategy takes no placement strategy',
      'remove "placementStrategy"',
    );
  for (const strategy of strategies) {
    const type = strategy.get('type').value;
    const field = strategy.get('field');
    if (type === 'binpack' && !/^(cpu|memory)$/i.test(field.value ?? '')) {
      refusals.refuse(
        field.exists ? field : strategy,
        'invalid-strategy',
        `binpack takes the field cpu or memory, not ${JSON.stringify(field.value ?? null)}`,
      );
    } else if (type === 'spread' && !field.exists)
      refusals.refuse(
        strategy,
        'invalid-strategy',
        'spread needs a field',
        'such as "attribute:ecs.availability-zone" or "instanceId"',
      );
    else if (type === 'random' && field.exists && field.value !== '')
      refusals.refuse(field, 'invalid-strategy', 'random takes no field', 'remove "field"');
  }
}

function validateLoadBalancers(service: Field<Service>, definition: Field<TaskDefinition>, refusals: Refusals): void {
  const containers = new Map(
    definition
      .get('containerDefinitions')
      .items()
      .map((container) => [container.get('name').value ?? '', container]),
  );
  const open =
    definition.get('containerDefinitions').isOpen ||
    [...containers.values()].some((container) => container.get('name').placeholder !== undefined);
  for (const balancer of service.get('loadBalancers').items()) {
    const name = balancer.get('containerName');
    const port = balancer.get('containerPort');
    const container =
      name.value === undefined || name.placeholder !== undefined ? undefined : containers.get(name.value);
    if (name.value !== undefined && name.placeholder === undefined && container === undefined && !open) {
      refusals.refuse(
        name,
        'unknown-container',
        `The container ${name.value} does not exist in the task definition`,
        `containers of the task: ${[...containers.keys()].join(', ')}`,
      );
    }
    const mappings = container?.get('portMappings').items() ?? [];
    const known = mappings.map((mapping) => mapping.get('containerPort'));
    const uncertain =
      known.some((field) => field.value === undefined) || container?.get('portMappings').placeholder !== undefined;
    if (
      container !== undefined &&
      port.value !== undefined &&
      !uncertain &&
      !known.some((field) => field.value === port.value)
    ) {
      refusals.refuse(
        port,
        'unknown-port',
        `The container ${name.value ?? ''} did not have a container port ${port.value} defined`,
      );
    }
  }
}
