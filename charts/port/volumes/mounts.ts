import type { VolumeFrom } from '@aws-sdk/client-ecs';
import type { Field } from '../../ecs/field.js';
import { defaulted, unread } from '../not-known.js';
import type { ContainerDraft, PodDraft, PortContext } from '../pod-draft.js';

/** A mount as a container definition describes it, before Kubernetes' rules. */
interface Mount {
  readonly volume: string;
  readonly path: string;
  readonly readOnly: boolean;
}

type Resolved = Map<ContainerDraft, Map<string, Mount>>;

/**
 * `mountPoints` and `volumesFrom`. A container may mount a path once in Kubernetes, so its own mount points win over those
 * that it takes from other containers, as with Docker, and a later one over an earlier one.
 *
 * The order that `volumesFrom` implies belongs to the order of the containers.
 *
 * @param volumes pod volumes by their names in ECS
 */
export function applyMounts(pod: PodDraft, context: PortContext, volumes: ReadonlyMap<string, string>): void {
  const own = new Map<ContainerDraft, readonly Mount[]>();
  for (const draft of pod.containers) own.set(draft, mountPoints(draft, pod, context, volumes));
  const resolved: Resolved = new Map();
  for (const draft of pod.containers) {
    const mounts = resolve(draft, pod, own, resolved);
    markVolumesFrom(draft, pod, resolved);
    const taken = new Set(draft.spec.volumeMounts?.map(({ mountPath }) => pathKey(mountPath)));
    const added = [...mounts].filter(([key]) => !taken.has(key));
    if (added.length === 0) continue;
    draft.spec.volumeMounts = [
      ...(draft.spec.volumeMounts ?? []),
      ...added.map(([, { volume, path, readOnly }]) => ({
        name: volume,
        mountPath: path,
        ...(readOnly ? { readOnly } : {}),
      })),
    ];
  }
}

function mountPoints(
  draft: ContainerDraft,
  pod: PodDraft,
  context: PortContext,
  volumes: ReadonlyMap<string, string>,
): readonly Mount[] {
  const mounts: Mount[] = [];
  unread(draft.definition.get('mountPoints'));
  const points = draft.definition.get('mountPoints').items();
  const taken = new Set(draft.spec.volumeMounts?.map(({ mountPath }) => pathKey(mountPath)));
  const last = new Map(points.map((point, index) => [pathKey(point.get('containerPath').value ?? ''), index]));
  for (const [index, point] of points.entries()) {
    const source = point.get('sourceVolume');
    const target = point.get('containerPath');
    const readOnly = point.get('readOnly');
    if (unread(point)) continue;
    defaulted(readOnly, 'the mount is writable, as by default in ECS');
    const path = target.value ?? '';
    const problem = pathProblem(path, context);
    if (problem !== undefined) {
      point.none(problem, 'correct containerPath');
      continue;
    }
    if (last.get(pathKey(path)) !== index) {
      point.none(`${path} is mounted twice; the last mount point counts`);
      continue;
    }
    if (taken.has(pathKey(path))) {
      point.none(`something else is mounted at ${path} already, such as a tmpfs`);
      continue;
    }
    const name = source.value ?? '';
    const volume = name === '' ? anonymousVolume(draft, index, pod, context) : volumes.get(name);
    if (volume === undefined) {
      point.none(`the task definition has no volume ${name}`, 'add the volume, or correct sourceVolume');
      continue;
    }
    source.same('Container.volumeMounts.name');
    if (name === '')
      target.near('Container.volumeMounts.mountPath', 'names no volume, and gets an empty one of its own');
    else target.same('Container.volumeMounts.mountPath');
    readOnly.same('Container.volumeMounts.readOnly');
    mounts.push({ volume, path, readOnly: readOnly.value === true });
  }
  return mounts;
}

/** A mount point without a volume is Docker's anonymous volume: empty, and the container's own. */
function anonymousVolume(draft: ContainerDraft, index: number, pod: PodDraft, context: PortContext): string {
  const name = context.label('anonymous-volume', `${pod.containers.indexOf(draft)}-${index}`);
  pod.volumes.push({ name, emptyDir: {} });
  return name;
}

/**
 * All mounts of a container, by path: what it takes over by `volumesFrom`, also through others, then its own. Each
 * container is resolved once; a chain that comes back to a container under way finds nothing there.
 */
function resolve(
  draft: ContainerDraft,
  pod: PodDraft,
  own: ReadonlyMap<ContainerDraft, readonly Mount[]>,
  resolved: Resolved,
): ReadonlyMap<string, Mount> {
  const known = resolved.get(draft);
  if (known !== undefined) return known;
  const mounts = new Map<string, Mount>();
  resolved.set(draft, mounts);
  for (const from of draft.definition.get('volumesFrom').items()) {
    const source = sourceOf(from, pod);
    if (source === undefined || source === draft) continue;
    const readOnly = from.get('readOnly').value === true;
    for (const [key, mount] of resolve(source, pod, own, resolved))
      mounts.set(key, readOnly ? { ...mount, readOnly } : mount);
  }
  for (const mount of own.get(draft) ?? []) mounts.set(pathKey(mount.path), mount);
  return mounts;
}

function markVolumesFrom(draft: ContainerDraft, pod: PodDraft, resolved: Resolved): void {
  unread(draft.definition.get('volumesFrom'));
  for (const from of draft.definition.get('volumesFrom').items()) {
    const source = sourceOf(from, pod);
    const name = from.get('sourceContainer').value ?? '';
    if (unread(from)) continue;
    if (source === undefined || source === draft) {
      from.none(`the task definition has no other container ${name}`, 'correct sourceContainer');
      continue;
    }
    defaulted(from.get('readOnly'), 'the mounts are as writable as those of the other container, as by default in ECS');
    from.get('readOnly').same('Container.volumeMounts.readOnly');
    if ((resolved.get(source)?.size ?? 0) > 0) {
      from
        .get('sourceContainer')
        .near(
          'Container.volumeMounts',
          `the mounts of ${name} are repeated; volumes that only its image declares are not shared`,
        );
    } else {
      from
        .get('sourceContainer')
        .none(
          `${name} mounts no volume of the task definition, and volumes that its image declares cannot be shared`,
          `give ${name} and this container a volume with a mount point at each such path`,
        );
    }
  }
}

function sourceOf(from: Field<VolumeFrom>, pod: PodDraft): ContainerDraft | undefined {
  const name = from.get('sourceContainer').value;
  return pod.containers.find(({ ecsName }) => ecsName === name);
}

function pathProblem(path: string, context: PortContext): string | undefined {
  if (path === '') return 'a mount point without containerPath';
  if (path === '/') return 'no container can have / mounted over';
  // Windows has its drive letters; elsewhere a colon is not allowed in mountPath.
  return !context.windows && path.includes(':') ? 'a colon is not allowed in a mount path' : undefined;
}

/** `/data` and `/data/` are one place. */
function pathKey(path: string): string {
  return path.length > 1 ? path.replace(/[/\\]{1,50}$/, '') : path;
}
