import { createHash } from 'node:crypto';
import type { IContainer, IEnvVar, IVolumeMount } from 'kubernetes-models/v1';
import type { Field } from '../../../ecs/field.js';
import type { TaskDefinition } from '../../../ecs/model/ahead-of-sdk.js';
import { LABEL } from '../../annotations.js';
import type { ContainerDraft, PodDraft, PortContext } from '../../pod-draft.js';
import { isWord } from '../drivers/docker-options.js';
import type { Client } from './client.js';
import type { ExternalConfig } from './external-config.js';
import { fluentdRouter } from './fluentd-router.js';
import { fluentBitRouter, POD_LOGS, POD_UID, type RouterConfig, STATE } from './router-config.js';

/** Whether applications reach the router's port, which ECS opens in these network modes only. `bridge` is the default. */
export function hasNetwork(definition: Field<TaskDefinition>): boolean {
  const mode = definition.get('networkMode').value;
  return mode !== 'host' && mode !== 'none';
}

/** What ECS adds to every record, as far as it is known before a task runs. */
export function metadataFields(context: PortContext): readonly (readonly [string, string])[] {
  const { cluster, taskDefinition } = context.workload;
  const revision = taskDefinition.revision === undefined ? '' : `:${taskDefinition.revision}`;
  const fields: (readonly [string, string])[] = [
    ['ecs_cluster', cluster ?? ''],
    ['ecs_task_definition', `${taskDefinition.family}${revision}`],
  ];
  return fields.filter(([, value]) => isWord(value));
}

/**
 * Gives the router its configuration and what that needs: the file over the image's own, the pod's log files where the
 * router reads them itself, variables, and the addresses that ECS gives to the applications.
 *
 * Source: amazon-ecs-agent `AddFirelensContainerBindMounts`, `docker_task_engine.go`.
 */
export function placeRouter(
  router: ContainerDraft,
  type: 'fluentbit' | 'fluentd',
  config: RouterConfig,
  external: ExternalConfig | undefined,
  pod: PodDraft,
  context: PortContext,
): void {
  const text = type === 'fluentd' ? fluentdRouter(config) : fluentBitRouter(config);
  const name = `${context.name}-firelens`;
  const key = type === 'fluentd' ? 'fluent.conf' : 'fluent-bit.conf';
  context.add({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace: context.namespace,
      labels: { [LABEL.name]: context.name, [LABEL.managedBy]: 'tranship' },
    },
    data: { [key]: text },
  });
  // A router reads its configuration once; the annotation makes a new one roll out, as a new revision does.
  pod.annotations.set('tranship.dev/firelens-config', createHash('sha256').update(text).digest('hex').slice(0, 16));
  mount(
    router.spec,
    pod,
    context,
    'config',
    { configMap: { name } },
    {
      mountPath: type === 'fluentd' ? '/fluentd/etc/fluent.conf' : '/fluent-bit/etc/fluent-bit.conf',
      subPath: key,
      readOnly: true,
    },
  );
  if (external?.configMap !== undefined) {
    mount(
      router.spec,
      pod,
      context,
      'external',
      { configMap: { name: external.configMap } },
      { mountPath: external.path, subPath: 'external.conf', readOnly: true },
    );
  }
  if (type === 'fluentd') setVariable(router.spec, { name: 'FLUENT_UID', value: '0' });
  const tails = config.tailed.length > 0;
  if (tails || !config.network) mount(router.spec, pod, context, 'state', { emptyDir: {} }, { mountPath: STATE });
  if (tails) readPodLogs(router, pod, context);
  for (const { draft } of config.clients) {
    if (!config.network) break;
    setVariable(draft.spec, { name: 'FLUENT_HOST', value: '127.0.0.1' });
    setVariable(draft.spec, { name: 'FLUENT_PORT', value: '24224' });
  }
  for (const variable of knownVariables(config.clients, context)) {
    if (router.spec.env?.some((own) => own.name === variable.name) !== true) setVariable(router.spec, variable);
  }
}

/** The kubelet keeps a pod's logs in one directory of the node, of which the router sees just its own pod's. */
function readPodLogs(router: ContainerDraft, pod: PodDraft, context: PortContext): void {
  const { spec } = router;
  const facts = [
    ['TRANSHIP_POD_NAMESPACE', 'metadata.namespace'],
    ['TRANSHIP_POD_NAME', 'metadata.name'],
    [POD_UID, 'metadata.uid'],
  ] as const;
  for (const [name, fieldPath] of facts) setVariable(spec, { name, valueFrom: { fieldRef: { fieldPath } } });
  mount(
    spec,
    pod,
    context,
    'pod-logs',
    { hostPath: { path: '/var/log/pods', type: 'Directory' } },
    {
      mountPath: POD_LOGS,
      subPathExpr: `$(${facts[0][0]})_$(${facts[1][0]})_$(${POD_UID})`,
      readOnly: true,
    },
  );
  // The files belong to root and may be read by its group.
  pod.spec.securityContext = {
    ...pod.spec.securityContext,
    supplementalGroups: [...new Set([...(pod.spec.securityContext?.supplementalGroups ?? []), 0])],
  };
  // Time to find the last lines of the others, which have ended by then.
  spec.lifecycle = { preStop: { sleep: { seconds: 5 } }, ...spec.lifecycle };
  context.findings.require('pod-security-privileged', `${context.title}: its log router reads log files of the node`);
}

/**
 * Variables that images of AWS for Fluent Bit set from ECS's metadata and that options refer to.
 * Source: aws-for-fluent-bit `init/fluent_bit_init_process.go`.
 */
function knownVariables(clients: readonly Client[], context: PortContext): readonly IEnvVar[] {
  const { taskDefinition, cluster } = context.workload;
  const text = clients.flatMap(({ options }) => options.map((option) => option.text ?? '')).join('\n');
  const revision = taskDefinition.revision === undefined ? undefined : String(taskDefinition.revision);
  const values = new Map<string, string | undefined>([
    ['AWS_REGION', context.region],
    ['ECS_CLUSTER', cluster],
    ['ECS_FAMILY', taskDefinition.family],
    ['ECS_REVISION', revision],
    ['ECS_TASK_DEFINITION', revision === undefined ? undefined : `${taskDefinition.family}:${revision}`],
  ]);
  const known = [...values].flatMap(([name, value]): IEnvVar[] =>
    value === undefined || !text.includes(`\${${name}}`) ? [] : [{ name, value }],
  );
  return text.includes('${ECS_TASK_ID}')
    ? [...known, { name: 'ECS_TASK_ID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } }]
    : known;
}

function setVariable(spec: IContainer, variable: IEnvVar): void {
  spec.env = [...(spec.env ?? []).filter(({ name }) => name !== variable.name), variable];
}

function mount(
  spec: IContainer,
  pod: PodDraft,
  context: PortContext,
  purpose: string,
  source: Omit<PodDraft['volumes'][number], 'name'>,
  where: Omit<IVolumeMount, 'name'>,
): void {
  // What the task definition mounts at this place wins, as a volume over the image would.
  if (spec.volumeMounts?.some(({ mountPath }) => mountPath === where.mountPath) === true) return;
  const name = context.label('firelens', purpose);
  pod.volumes.push({ name, ...source });
  spec.volumeMounts = [...(spec.volumeMounts ?? []), { name, ...where }];
}
