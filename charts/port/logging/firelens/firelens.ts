import type { Field } from '../../../ecs/field.js';
import type { TaskDefinition } from '../../../ecs/model/ahead-of-sdk.js';
import { unread } from '../../not-known.js';
import type { ContainerDraft, PodDraft, PortContext } from '../../pod-draft.js';
import { requireGrants } from '../agent-identity.js';
import { AGENT_TODO, agentField } from '../driver-options.js';
import { logRoute, type LogRoute } from '../log-route.js';
import { awsOutput } from './aws-output.js';
import { type Client, clientFields, firelensClients } from './client.js';
import { externalConfig } from './external-config.js';
import { fluentdProblem } from './fluentd-router.js';
import { hasNetwork, metadataFields, placeRouter } from './router.js';

/** Who sends what a container writes to its standard output. */
type Carrier = 'agent' | 'router' | 'nobody';

/**
 * FireLens. The router stays, as a sidecar with the configuration that the ECS agent would write, so that applications
 * that send to `FLUENT_HOST` go on as before. Standard output came to it through Docker's driver, which a pod does not
 * have. Who sends it now:
 *
 * - the log agent of the node, for AWS destinations that it can be given without risk to other workloads;
 * - otherwise the router, which reads the log files of its own pod: custom configurations, other plugins, secrets and
 *   Fluentd stay within the workload, as in ECS;
 * - nobody, on EKS Fargate and Windows, where neither can be done.
 *
 * Source: ECS API `FirelensConfiguration`; ECS Developer Guide, "Custom log routing".
 *
 * @returns the routes for the log agent
 */
export function applyFirelens(
  definition: Field<TaskDefinition>,
  pod: PodDraft,
  context: PortContext,
): readonly LogRoute[] {
  const [router, ...others] = pod.containers.filter((draft) => draft.definition.get('firelensConfiguration').exists);
  for (const other of others)
    other.definition.get('firelensConfiguration').none('a task has one log router; the first one counts');
  if (router === undefined) {
    for (const draft of pod.containers) {
      const log = draft.definition.get('logConfiguration');
      if (log.get('logDriver').value === 'awsfirelens')
        log.none('no container of the task is a log router', 'add a container with firelensConfiguration');
    }
    return [];
  }
  const configuration = router.definition.get('firelensConfiguration');
  if (unread(configuration)) return [];
  const type = configuration.get('type').value === 'fluentd' ? 'fluentd' : 'fluentbit';
  const network = hasNetwork(definition);
  const options = configuration.get('options');
  const metadata = takeMetadata(options.get('enable-ecs-log-metadata'));
  const external = externalConfig(options, type, context);
  for (const [key, field] of options.entries()) {
    if (!['enable-ecs-log-metadata', 'config-file-type', 'config-file-value'].includes(key))
      field.none('FireLens has no such option');
  }
  const fields = metadata ? metadataFields(context) : [];
  const clients = firelensClients(pod, router, context);
  const routes: LogRoute[] = [];
  const carriers = new Map<Client, Carrier>();
  for (const client of clients) {
    const routable = type === 'fluentbit' && external === undefined && !context.windows;
    const routed = routable ? awsOutput(client, context, clients.length === 1, fields) : undefined;
    if (routed !== undefined) {
      requireGrants(context, routed.grants);
      routes.push(logRoute(client.draft, context, routed.routing, []));
    }
    carriers.set(client, routed !== undefined ? 'agent' : context.fargate || context.windows ? 'nobody' : 'router');
  }
  for (const client of clients) markClient(client, carriers.get(client) ?? 'nobody', type, network, context);
  const tailed = clients.filter((client) => carriers.get(client) === 'router');
  const config = {
    clients,
    tailed,
    network,
    fields,
    memoryBufferMegabytes: memoryBuffer(router),
    ...(external === undefined ? {} : { include: external.path }),
  };
  placeRouter(router, type, config, external, pod, context);
  markRouter(configuration, carriers, network);
  return routes;
}

/** On by default. Source: ECS Developer Guide, "Example Amazon ECS task definition: Route logs to FireLens". */
function takeMetadata(field: Field<string>): boolean {
  const on = !/^(?:0|f|false)$/i.test(field.value ?? 'true');
  if (on)
    field.near(
      'ConfigMap.data (log router): FILTER.Record',
      'records have ecs_cluster and ecs_task_definition; ecs_task_arn and ec2_instance_id are gone with the task and its instance',
    );
  else field.same([], 'no metadata is added');
  return on;
}

function markRouter(
  configuration: Field<{ type?: string | undefined }>,
  carriers: ReadonlyMap<Client, Carrier>,
  network: boolean,
): void {
  const names = (carrier: Carrier): string =>
    [...carriers]
      .filter(([, by]) => by === carrier)
      .map(([client]) => client.draft.spec.name)
      .join(', ');
  const lost = [
    network ? 'receives what applications send to 127.0.0.1:24224' : 'opens no port in this network mode, as in ECS',
    ...(names('router') === '' ? [] : [`reads the standard output of ${names('router')} from log files of the node`]),
    ...(names('agent') === '' ? [] : [`the log agent of the node sends the standard output of ${names('agent')}`]),
    ...(names('nobody') === '' ? [] : [`nobody sends the standard output of ${names('nobody')}`]),
  ];
  configuration
    .get('type')
    .near(['ConfigMap.data (log router)', 'PodSpec.initContainers', 'Container.volumeMounts'], lost.join('; '));
}

function markClient(
  client: Client,
  carrier: Carrier,
  type: 'fluentbit' | 'fluentd',
  network: boolean,
  context: PortContext,
): void {
  const { draft } = client;
  const driver = draft.definition.get('logConfiguration').get('logDriver');
  const variables = network ? ['Container.env (FLUENT_HOST, FLUENT_PORT)'] : [];
  if (carrier === 'agent') {
    context.findings.require('log-agent', `logs of ${context.title}`);
    driver.needsAddon(
      [agentField('OUTPUT', 'Match_Regex'), ...variables],
      'standard output is sent by the log agent of the node, not by the router of the task',
      AGENT_TODO,
    );
    return;
  }
  if (carrier === 'nobody') {
    const where = context.fargate
      ? 'EKS Fargate, whose log router takes CloudWatch Logs, Firehose and Kinesis only'
      : 'Windows nodes';
    driver.none(
      `standard output does not reach the router on ${where}`,
      network ? 'let the application send its log to FLUENT_HOST, or run it on Linux nodes' : 'run it on Linux nodes',
    );
    for (const field of clientFields(client))
      field.near(
        'ConfigMap.data (log router): OUTPUT',
        'holds only for what the application itself sends to the router',
      );
    return;
  }
  const output = client.options.some(({ key }) => key === (type === 'fluentd' ? '@type' : 'Name'));
  const pieces = type === 'fluentd' ? '; lines longer than 16 KiB come in pieces' : '';
  driver.near(
    ['PodSpec.volumes.hostPath', ...variables],
    `the router reads the container's log from files of the node${pieces}`,
    'let the namespace admit hostPath volumes (Pod Security level privileged)',
  );
  for (const option of [...client.options, client.include, client.exclude]) {
    if (option === undefined) continue;
    const problem = type === 'fluentd' && option.text !== undefined ? fluentdProblem(option.text) : undefined;
    if (problem !== undefined)
      option.field.none(`the value ${problem}; no configuration can hold it`, 'correct the value');
    else if (!output && client.options.includes(option)) {
      option.field.none(
        `not an option without ${type === 'fluentd' ? '@type' : 'Name'}, which names the output`,
        'name the output: ECS could not start this task either',
      );
    } else if (option.variable !== undefined) {
      option.field.needsAddon(
        ['Container.env.valueFrom.secretKeyRef', 'ExternalSecret.spec.data.remoteRef'],
        'read by the External Secrets operator every five minutes instead of at task start',
        'install the External Secrets operator and let it read the secret (see the IAM changes)',
      );
    } else option.field.same('ConfigMap.data (log router): OUTPUT');
  }
}

/** Half of what the router may use, or 25. Source: amazon-ecs-agent `resolveMemBufLimit`. */
function memoryBuffer(router: ContainerDraft): number {
  const memory = router.definition.get('memoryReservation').value ?? router.definition.get('memory').value ?? 0;
  const half = Math.floor(memory / 2);
  return half > 0 ? half : 25;
}
