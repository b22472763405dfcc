import type { LogConfiguration } from '@aws-sdk/client-ecs';
import type { Field } from '../ecs/field.js';
import type { TaskDefinition } from '../ecs/model/ahead-of-sdk.js';
import { requireGrants } from './logging/agent-identity.js';
import { agentSecrets } from './logging/agent-secrets.js';
import { AGENT_TODO, agentField, DriverOptions } from './logging/driver-options.js';
import { routeAwslogs } from './logging/drivers/awslogs.js';
import { routeFluentd } from './logging/drivers/fluentd.js';
import { routeGelf } from './logging/drivers/gelf.js';
import { keepJournald, keepJsonFile } from './logging/drivers/local.js';
import { routeSplunk } from './logging/drivers/splunk.js';
import { routeSyslog } from './logging/drivers/syslog.js';
import { applyFirelens } from './logging/firelens/firelens.js';
import { logRoute, type LogRoute, type Routing } from './logging/log-route.js';
import { unread } from './not-known.js';
import type { ContainerDraft, PodDraft, PortContext } from './pod-draft.js';

export { renderLogAgent } from './logging/log-agent.js';
export type { LogRoute } from './logging/log-route.js';

/** Drivers that send over the network, and what their options come to. */
const SENDERS: ReadonlyMap<string, (options: DriverOptions, draft: ContainerDraft) => Routing | undefined> = new Map([
  ['splunk', routeSplunk],
  ['gelf', routeGelf],
  ['syslog', routeSyslog],
  ['fluentd', routeFluentd],
]);

/**
 * `logConfiguration` and `firelensConfiguration`. A pod has no log drivers: the container runtime writes what a container
 * prints to a file of the node, and an agent on each node sends it on. Each container's driver becomes a route for that
 * agent, with the driver's options as properties of a Fluent Bit output.
 *
 * A container without `logConfiguration` has no route: ECS leaves its log on the instance, as Kubernetes does on the node.
 *
 * Source: ECS API `LogConfiguration`, `FirelensConfiguration`.
 *
 * @returns one route for each container whose log the node's agent sends; to be given to {@link renderLogAgent}
 */
export function applyLogging(
  definition: Field<TaskDefinition>,
  pod: PodDraft,
  context: PortContext,
): readonly LogRoute[] {
  const secrets = agentSecrets(pod, context);
  const firelens = applyFirelens(definition, pod, context);
  const routed = new Map<ContainerDraft, Routing>();
  for (const draft of pod.containers) {
    const log = draft.definition.get('logConfiguration');
    if (!log.exists || unread(log) || log.get('logDriver').value === 'awsfirelens') continue;
    const routing = applyDriver(log, draft, secrets.variableNames(draft), context);
    if (routing !== undefined) routed.set(draft, routing);
  }
  const variables = secrets.variables([...routed.keys()]);
  return [...firelens, ...[...routed].map(([draft, routing]) => logRoute(draft, context, routing, variables(draft)))];
}

function applyDriver(
  log: Field<LogConfiguration>,
  draft: ContainerDraft,
  variables: ReadonlyMap<string, string>,
  context: PortContext,
): Routing | undefined {
  const driver = log.get('logDriver');
  const options = new DriverOptions(log, variables, context.fargate);
  const unknown = `the ${driver.value ?? ''} log driver has no such option`;
  if (driver.value === 'json-file' || driver.value === 'journald') {
    if (driver.value === 'json-file') {
      keepJsonFile(options);
      driver.same([], 'the container runtime writes a file, which kubectl logs reads');
    } else {
      keepJournald(options);
      driver.near(
        [],
        'the container runtime writes a file instead of the journal; kubectl logs reads it',
        'search with kubectl logs instead of journalctl',
      );
    }
    options.rest(unknown);
    return undefined;
  }
  const send = SENDERS.get(driver.value ?? '');
  if (driver.value !== 'awslogs' && send === undefined) {
    log.none('no log driver that is known', 'name one: the log stays on the node');
    return undefined;
  }
  if (context.windows) {
    log.none(
      'the log agent runs on Linux nodes; the log stays in files of the Windows node',
      'install the CloudWatch Observability add-on, which has an agent for Windows',
    );
    return undefined;
  }
  if (context.fargate && send !== undefined) {
    log.none(
      'the log router of EKS Fargate has no such output; the log is lost with the pod',
      'let the application send its log itself, or run it on nodes',
    );
    return undefined;
  }
  const routed = driver.value === 'awslogs' ? routeAwslogs(options, draft, context) : undefined;
  const routing = routed?.routing ?? send?.(options, draft);
  options.rest(unknown);
  if (routing === undefined) {
    driver.none(
      'the destination is not known; the log stays on the node, where kubectl logs reads it',
      'complete the options',
    );
    return undefined;
  }
  if (routed !== undefined) requireGrants(context, routed.grants);
  if (context.fargate) {
    driver.needsAddon(
      'ConfigMap aws-observability/aws-logging',
      'sent by the log router of EKS Fargate, which takes at most 5300 characters of configuration for the whole cluster',
      'see the annotation of the ConfigMap for routes that it has no room for',
    );
  } else
    driver.needsAddon(
      agentField('OUTPUT', 'Name'),
      'sent by the log agent of the node instead of the container runtime',
      AGENT_TODO,
    );
  context.findings.require('log-agent', `logs of ${context.title}`);
  return routing;
}
