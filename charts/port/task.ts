import type { Field } from '../ecs/field.js';
import type { TaskDefinition } from '../ecs/model/ahead-of-sdk.js';
import { ANNOTATION } from './annotations.js';
import { keyName } from './names.js';
import type { PodDraft, PortContext } from './pod-draft.js';

/** The task definition's own fields that no other concern owns: family, tags, namespaces, isolation, discontinued ones. */
export function applyTask(definition: Field<TaskDefinition>, pod: PodDraft, context: PortContext): void {
  const { taskDefinition } = context.workload;
  const revision = taskDefinition.revision === undefined ? '' : `:${taskDefinition.revision}`;
  pod.annotations.set(ANNOTATION.taskDefinition, `${taskDefinition.family}${revision}`);
  definition
    .get('family')
    .same(
      [`metadata.annotations["${ANNOTATION.taskDefinition}"]`, 'metadata.labels'],
      'never in a selector, which could not change afterwards',
    );
  applyTags(definition, pod);
  const pid = definition.get('pidMode');
  if (pid.value === 'host') {
    pod.spec.hostPID = true;
    context.findings.require('pod-security-privileged', `${context.title}: host process namespace`);
  } else if (pid.value === 'task') pod.spec.shareProcessNamespace = true;
  pid.same(pid.value === 'host' ? 'PodSpec.hostPID' : 'PodSpec.shareProcessNamespace');
  // Kubernetes refuses a pod with both; the host's namespace is the wider one.
  if (pod.spec.hostPID === true) delete pod.spec.shareProcessNamespace;
  const ipc = definition.get('ipcMode');
  if (ipc.value === 'host') {
    pod.spec.hostIPC = true;
    ipc.same('PodSpec.hostIPC');
    context.findings.require('pod-security-privileged', `${context.title}: host IPC namespace`);
  } else if (ipc.value === 'none') ipc.none('containers of a pod always share their IPC namespace');
  else ipc.same('PodSpec', 'containers of a pod share their IPC namespace');
  definition
    .get('inferenceAccelerators')
    .none('Elastic Inference has been discontinued by AWS', 'use GPU or Neuron instances');
  const faults = definition.get('enableFaultInjection');
  if (faults.value === true) {
    faults.needsAddon([], 'a pod has no such switch', 'use the EKS pod actions of AWS Fault Injection Service');
    context.findings.require('fault-injection', context.title);
  } else faults.same([], 'off, as in Kubernetes');
  const isolation = definition.get('trustedExecutionConfiguration');
  const mode = isolation.get('isolationMode');
  if (mode.value === 'SHARED') mode.same([], 'shared, as all pods of a node are');
  else mode.none('EKS has no sandbox of this kind', 'a runtimeClass such as Kata comes nearest');
  isolation.get('attestationPolicy').none('no attestation of pods on EKS');
}

function applyTags(definition: Field<TaskDefinition>, pod: PodDraft): void {
  for (const tag of definition.get('tags').items()) {
    const key = tag.get('key');
    if (key.value === undefined) {
      tag.none('a tag without a key');
      continue;
    }
    const annotation = `${ANNOTATION.tagPrefix}${keyName(key.value)}`;
    pod.annotations.set(annotation, tag.get('value').value ?? '');
    const lost = 'an annotation of the pod; AWS cost allocation does not read it';
    key.near(`metadata.annotations["${annotation}"]`, lost);
    tag.get('value').near(`metadata.annotations["${annotation}"]`, lost);
  }
}
