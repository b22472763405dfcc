import type { IContainer, IContainerState, IContainerStatus, IPodSpec, IPodStatus } from 'kubernetes-models/v1';
import type { KubernetesObject } from '../runtime/resource.js';
import { configOf, lastingContainers } from './container-config.js';
import type { Interning } from './interning.js';
import { HEALING, readLabelTime, readTime } from './names.js';
import type { ContainerExit, ObservedContainer, ObservedPod } from './observation.js';
import { readFormerLabels, readPodAnnotations } from './pod-annotations.js';

/** A pod as the API server sends it. */
export interface RawPod extends KubernetesObject {
  readonly spec?: IPodSpec;
  readonly status?: IPodStatus;
}

/** Of a message of the kubelet: enough to tell what is wrong. */
const MESSAGE_LENGTH = 300;
const REVISION_LABELS = ['pod-template-hash', 'controller-revision-hash'] as const;
const PHASES: ReadonlySet<string> = new Set<ObservedPod['phase']>(['Pending', 'Running', 'Succeeded', 'Failed']);

/**
 * A pod as the healer sees it. It never throws: fields that are absent or make no sense get the value that says the least.
 *
 * @example new ObjectCache({ resource: RESOURCE.pod, project: (pod) => projectPod(pod, interning), ... })
 */
export function projectPod(pod: RawPod, interning: Interning): ObservedPod {
  const { metadata, spec, status } = pod;
  const containers = lastingContainers(spec);
  const regular = (spec?.containers ?? []).map(({ name }) => name);
  const annotations = sharedAnnotations(
    metadata.annotations ?? {},
    regular,
    containers.map(({ name }) => name),
    interning,
  );
  const createdAt = readTime(metadata.creationTimestamp) ?? 0;
  const labels = metadata.labels ?? {};
  const quarantined = own(labels, HEALING.quarantinedLabel);
  const quarantinedAt = quarantined === undefined ? undefined : (readLabelTime(quarantined) ?? createdAt);
  const former =
    quarantinedAt === undefined
      ? undefined
      : readFormerLabels(own(metadata.annotations ?? {}, HEALING.formerLabelsAnnotation));
  const shown = former ?? labels;
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const statuses = new Map(
    [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].map((each) => [each.name, each]),
  );
  return {
    namespace: interning.text(metadata.namespace ?? ''),
    name: metadata.name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    labels: interning.share('labels', JSON.stringify(shown), () => ({ ...shown })),
    revision: interning.text(
      REVISION_LABELS.map((name) => own(shown, name)).find((value) => value !== undefined) ?? '',
    ),
    phase: phaseOf(status?.phase),
    createdAt,
    ready: ready?.status === 'True',
    generation: metadata.generation ?? 1,
    ...annotations,
    containers: containers.map((container) =>
      projectContainer(container, statuses.get(container.name), createdAt, interning),
    ),
    ephemeralContainers: spec?.ephemeralContainers?.length ?? 0,
    ...(owner === undefined
      ? {}
      : {
          owner: interning.share('owner', owner.uid, () => ({ kind: owner.kind, name: owner.name, uid: owner.uid })),
        }),
    ...optional('node', spec?.nodeName === undefined ? undefined : interning.text(spec.nodeName)),
    ...optional('reason', status?.reason === undefined ? undefined : interning.text(status.reason)),
    ...optional('startedAt', readTime(status?.startTime)),
    ...optional('deletingSince', readTime(metadata.deletionTimestamp)),
    ...optional('readySince', readTime(ready?.lastTransitionTime)),
    ...optional('quarantinedAt', quarantinedAt),
  };
}

function projectContainer(
  container: IContainer,
  status: IContainerStatus | undefined,
  createdAt: number,
  interning: Interning,
): ObservedContainer {
  const config = configOf(container, interning);
  const { waiting, running, terminated } = status?.state ?? {};
  const lastExit = exitOf(terminated ?? status?.lastState?.terminated, createdAt, interning);
  const base = {
    name: interning.text(container.name),
    image: interning.text(container.image ?? ''),
    configDigest: config.digest,
    config,
    restartCount: status?.restartCount ?? 0,
    state: stateOf(status?.state),
  } as const;
  return {
    ...base,
    ...optional('waitingReason', waiting?.reason === undefined ? undefined : interning.text(waiting.reason)),
    ...optional('waitingMessage', waiting?.message?.slice(0, MESSAGE_LENGTH)),
    ...optional('runningSince', readTime(running?.startedAt)),
    ...optional('lastExit', lastExit),
  };
}

function stateOf(state: IContainerState | undefined): ObservedContainer['state'] {
  if (state?.running !== undefined) return 'running';
  if (state?.terminated !== undefined) return 'terminated';
  return state?.waiting === undefined ? 'unknown' : 'waiting';
}

function exitOf(
  terminated: IContainerState['terminated'],
  createdAt: number,
  interning: Interning,
): ContainerExit | undefined {
  if (terminated === undefined || terminated === null) return undefined;
  const startedAt = readTime(terminated.startedAt);
  return {
    exitCode: terminated.exitCode,
    finishedAt: readTime(terminated.finishedAt) ?? startedAt ?? createdAt,
    ...optional('signal', terminated.signal),
    ...optional('reason', terminated.reason === undefined ? undefined : interning.text(terminated.reason)),
    ...optional('startedAt', startedAt),
  };
}

/** Pods of one template have the same annotations of ours, and share what is read from them. */
function sharedAnnotations(
  annotations: Readonly<Record<string, string>>,
  regular: readonly string[],
  lasting: readonly string[],
  interning: Interning,
): ReturnType<typeof readPodAnnotations> {
  const ours = Object.entries(annotations).filter(([name]) => name.startsWith('tranship.dev/'));
  return interning.share('annotations', JSON.stringify([ours, regular, lasting]), () =>
    readPodAnnotations(annotations, regular, lasting),
  );
}

function phaseOf(phase: string | undefined): ObservedPod['phase'] {
  return phase !== undefined && PHASES.has(phase) ? (phase as ObservedPod['phase']) : 'Unknown';
}

function own(record: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}
