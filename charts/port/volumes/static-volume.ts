import { addVolume, type VolumeScope } from './volume-scope.js';

/** A volume that exists already. */
export interface StaticVolume {
  /** Identity of the storage: mounts of one identity in a pod share a pod volume. */
  readonly handle: string;
  /** The PersistentVolume's source: `{csi: …}` or `{nfs: …}`. */
  readonly source: Readonly<Record<string, unknown>>;
  readonly mountOptions?: readonly string[];
}

/** Kubernetes wants a capacity; file systems that grow by themselves ignore it. */
const NOMINAL_CAPACITY = '5Gi';

/**
 * A PersistentVolume for storage that exists, the claim that is bound to it and nothing else, and the pod volume. Names are
 * joined with dots, which labels lack, so that names of two workloads or namespaces never meet: volumes are of the whole
 * cluster. Deleting the objects leaves the storage alone.
 *
 * @returns the pod volume's name
 */
export function addStaticVolume(scope: VolumeScope, volume: StaticVolume): string {
  const { context, handles, label } = scope;
  const known = handles.get(volume.handle);
  if (known !== undefined) return known;
  handles.set(volume.handle, label);
  const claim = `${context.name}.${label}`;
  const name = `${context.namespace}.${claim}`;
  const mountOptions = volume.mountOptions ?? [];
  context.add({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: NOMINAL_CAPACITY },
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      volumeMode: 'Filesystem',
      claimRef: { namespace: context.namespace, name: claim },
      ...(mountOptions.length === 0 ? {} : { mountOptions }),
      ...volume.source,
    },
  });
  context.add({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: claim, namespace: context.namespace },
    spec: {
      accessModes: ['ReadWriteMany'],
      storageClassName: '',
      volumeName: name,
      resources: { requests: { storage: NOMINAL_CAPACITY } },
    },
  });
  return addVolume(scope, { persistentVolumeClaim: { claimName: claim } });
}
