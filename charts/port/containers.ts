import type { Field } from '../ecs/field.js';
import type { TaskDefinition } from '../ecs/model/ahead-of-sdk.js';
import { ANNOTATION } from './annotations.js';
import { literal } from './environment.js';
import { allocateNames } from './names.js';
import type { ContainerDraft, PodDraft, PortContext } from './pod-draft.js';

/**
 * The containers with their names and images; everything else is added by the other concerns.
 *
 * @returns a pod without placement: `order` puts the containers into their lists
 */
export function draftPod(definition: Field<TaskDefinition>): PodDraft {
  const containers = definition.get('containerDefinitions').items();
  const names = allocateNames(containers.map((container) => container.get('name').value ?? ''));
  return {
    containers: containers.map((container): ContainerDraft => {
      const ecsName = container.get('name').value ?? '';
      return { definition: container, ecsName, spec: { name: names.get(ecsName) ?? 'container' } };
    }),
    setup: [],
    volumes: [],
    spec: {},
    labels: new Map(),
    annotations: new Map(),
  };
}

/** Name, image, command and terminal of each container. ECS's entryPoint is Kubernetes' command, ECS's command its args. */
export function applyContainers(pod: PodDraft, context: PortContext): void {
  const dockerLabels: Record<string, unknown> = {};
  for (const draft of pod.containers) {
    const { definition, spec } = draft;
    const name = definition.get('name');
    if (spec.name === name.value) name.same('Container.name');
    else
      name.near(
        'Container.name',
        `renamed to ${spec.name}: Kubernetes takes only lower-case letters, digits and hyphens`,
      );
    applyImage(draft, context);
    const entryPoint = definition.get('entryPoint');
    const command = definition.get('command');
    if ((entryPoint.value?.length ?? 0) > 0) spec.command = (entryPoint.value ?? []).map((word) => literal(word));
    if ((command.value?.length ?? 0) > 0) spec.args = (command.value ?? []).map((word) => literal(word));
    entryPoint.same('Container.command');
    command.same('Container.args');
    const directory = definition.get('workingDirectory');
    if (directory.value !== undefined) spec.workingDir = directory.value;
    directory.same('Container.workingDir');
    const stdin = definition.get('interactive');
    if (stdin.value === true) spec.stdin = true;
    stdin.same('Container.stdin');
    const tty = definition.get('pseudoTerminal');
    if (tty.value === true) spec.tty = true;
    tty.same('Container.tty');
    applyDockerLabels(draft, pod, dockerLabels);
  }
  if (Object.keys(dockerLabels).length > 0) pod.annotations.set(ANNOTATION.dockerLabels, JSON.stringify(dockerLabels));
}

function applyImage(draft: ContainerDraft, context: PortContext): void {
  const { definition, spec, ecsName } = draft;
  const image = definition.get('image');
  const consistency = definition.get('versionConsistency');
  const given = image.value?.trim() ?? '';
  const digest = context.workload.service?.imageDigests?.get(ecsName);
  const pinned = given.includes('@sha256:');
  if (digest !== undefined && !pinned && consistency.value !== 'disabled') {
    spec.image = `${given}@${digest}`;
    image.same('Container.image', 'pinned to the digest that the deployed revision runs');
    consistency.same('Container.image');
    return;
  }
  if (given !== '') spec.image = given;
  // ECS asks the registry at every task start; a digest never changes, so there the default (IfNotPresent) is the same.
  if (!pinned) spec.imagePullPolicy = 'Always';
  image.same(pinned ? 'Container.image' : ['Container.image', 'Container.imagePullPolicy']);
  if (pinned || consistency.value === 'disabled') consistency.same('Container.image');
  else {
    consistency.needsAddon(
      'Container.image',
      'a tag is resolved for every pod, so pods of one deployment may run different images',
      'pin the digest: give the service revision (describe-service-revisions) to the port, or use an admission controller',
    );
  }
}

function applyDockerLabels(draft: ContainerDraft, pod: PodDraft, all: Record<string, unknown>): void {
  const labels = draft.definition.get('dockerLabels');
  const kept: [string, string][] = [];
  for (const [key, field] of labels.entries()) {
    const value = field.value ?? '';
    const datadog = /^com\.datadoghq\.ad\.(check_names|init_configs|instances|logs|checks|tags)$/.exec(key);
    if (datadog?.[1] !== undefined) {
      const annotation = `ad.datadoghq.com/${draft.spec.name}.${datadog[1]}`;
      pod.annotations.set(annotation, value);
      field.same(`metadata.annotations["${annotation}"]`, 'read by the Datadog agent');
      continue;
    }
    kept.push([key, value]);
    field.near(
      `metadata.annotations["${ANNOTATION.dockerLabels}"]`,
      'labels are per pod in Kubernetes; what reads this Docker label must read the annotation',
    );
  }
  if (kept.length > 0) all[draft.spec.name] = Object.fromEntries(kept);
}
