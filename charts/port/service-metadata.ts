import type { Field } from '../ecs/field.js';
import type { Service } from '../ecs/model/ahead-of-sdk.js';
import { ANNOTATION } from './annotations.js';
import { keyName } from './names.js';
import { defaulted, unread } from './not-known.js';
import type { PodDraft, PortContext } from './pod-draft.js';

const NEVER_STATE = 'says how one API call is made, not what runs';

/**
 * The service's names, tags and switches: everything of `CreateService` that shapes neither pods, network, placement nor
 * updates. Tags become annotations, of the pods too when ECS propagates them.
 *
 * @returns annotations for the workload object itself
 */
export function applyServiceMetadata(pod: PodDraft, context: PortContext): ReadonlyMap<string, string> {
  const service = context.workload.service?.definition;
  if (service === undefined) return new Map();
  markNames(service, context);
  service.get('clientToken').same([], `${NEVER_STATE}; applying a manifest twice changes nothing either`);
  service
    .get('forceNewDeployment')
    .near(
      'PodTemplateSpec.metadata.annotations',
      NEVER_STATE,
      `kubectl rollout restart ${context.title.split(' ', 1)[0]?.toLowerCase() ?? 'deployment'}/${context.name} does the same`,
    );
  service.get('role').none('ECS registers targets with it', 'the AWS Load Balancer Controller has a role of its own');
  service.get('platformVersion').none('EKS Fargate has no platform versions to choose from; it follows the cluster');
  markRebalancing(service, context);
  markExecuteCommand(service, context);
  const monitoring = service.get('monitoring');
  if (!unread(monitoring))
    monitoring.none(
      'the resolution of metrics is a setting of the cluster',
      'metrics-server samples every 15 s; set the interval of the CloudWatch agent',
    );
  return tagAnnotations(service, pod, context);
}

function markNames(service: Field<Service>, context: PortContext): void {
  const cluster = service.get('cluster');
  cluster.near('metadata.namespace', `one namespace for the cluster: ${context.namespace}`);
  const name = service.get('serviceName');
  if (name.value === context.name) name.same('metadata.name');
  else name.near('metadata.name', `renamed to ${context.name}, which is a DNS label and unique in its namespace`);
  const definition = service.get('taskDefinition');
  if (definition.placeholder === undefined) definition.same('spec.template');
  else
    definition.near(
      'spec.template',
      `the value of ${definition.placeholder} is not known; the template comes from ${context.workload.taskDefinition.family}`,
    );
}

function markRebalancing(service: Field<Service>, context: PortContext): void {
  const rebalancing = service.get('availabilityZoneRebalancing');
  if (defaulted(rebalancing, 'pods are not moved between zones')) return;
  if (rebalancing.value !== 'ENABLED') {
    rebalancing.same([], 'Kubernetes does not move running pods either');
    return;
  }
  rebalancing.needsAddon(
    'PodSpec.topologySpreadConstraints',
    'pods are spread when they are placed, and never moved afterwards',
    'run the descheduler with RemovePodsViolatingTopologySpreadConstraint; unlike ECS it evicts before it replaces',
  );
  context.findings.require('descheduler', `${context.title}: availability zone rebalancing`);
}

function markExecuteCommand(service: Field<Service>, context: PortContext): void {
  const exec = service.get('enableExecuteCommand');
  if (defaulted(exec, 'kubectl exec works where RBAC allows it')) return;
  if (exec.value !== true) {
    exec.near([], 'kubectl exec works wherever RBAC allows it; it cannot be switched off for one workload');
    return;
  }
  exec.near(
    [],
    'kubectl exec takes its place; session logs, their encryption and IAM conditions of ECS Exec are lost',
    `allow those who may use it to create pods/exec in namespace ${context.namespace}`,
  );
  context.findings.require('rbac-exec', `${context.title}: ECS Exec`);
}

function tagAnnotations(service: Field<Service>, pod: PodDraft, context: PortContext): ReadonlyMap<string, string> {
  const annotations = new Map<string, string>();
  const propagate = service.get('propagateTags');
  const tags = service.get('tags');
  unread(tags);
  const lost = 'an annotation; AWS cost allocation does not read it';
  const toPods = propagate.value === 'SERVICE';
  for (const tag of tags.items()) {
    const key = tag.get('key');
    if (unread(tag)) continue;
    if (key.value === undefined) {
      tag.none('a tag without a key');
      continue;
    }
    const annotation = `${ANNOTATION.tagPrefix}${keyName(key.value)}`;
    const value = tag.get('value').value ?? '';
    annotations.set(annotation, value);
    if (toPods) pod.annotations.set(annotation, value);
    key.near(`metadata.annotations["${annotation}"]`, lost);
    tag.get('value').near(`metadata.annotations["${annotation}"]`, lost);
  }
  if (!defaulted(propagate, 'tags of the service are not copied to pods')) {
    const carried = 'PodTemplateSpec.metadata.annotations';
    if (propagate.value === 'SERVICE') propagate.near(carried, 'copied to the pods as annotations');
    else if (propagate.value === 'TASK_DEFINITION')
      propagate.near(carried, 'the task definition’s tags are annotations of the pods');
    else propagate.near(carried, 'the task definition’s tags are annotations of the pods all the same');
  }
  const managed = service.get('enableECSManagedTags');
  if (defaulted(managed, 'no annotations are added') || managed.value !== true) {
    if (managed.placeholder === undefined) managed.same([], 'off, nothing to carry');
    return annotations;
  }
  pod.annotations.set(`${ANNOTATION.tagPrefix}${keyName('aws:ecs:serviceName')}`, context.workload.name);
  if (context.workload.cluster !== undefined) {
    pod.annotations.set(`${ANNOTATION.tagPrefix}${keyName('aws:ecs:clusterName')}`, context.workload.cluster);
  }
  managed.near('PodTemplateSpec.metadata.annotations', lost, 'enable split cost allocation data for Amazon EKS');
  return annotations;
}
