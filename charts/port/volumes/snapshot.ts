import type { Field } from '../../ecs/field.js';
import type { VolumeScope } from './volume-scope.js';

const API = 'snapshot.storage.k8s.io';

/**
 * An EBS snapshot that volumes are made from, as the pair of objects that stands for a snapshot which exists already.
 *
 * Source: external-snapshotter, "Pre-provisioned snapshots"; aws-ebs-csi-driver docs, "Volume snapshots".
 *
 * @returns what a claim refers to; undefined when the field is absent
 */
export function addSnapshot(
  scope: VolumeScope,
  snapshot: Field<string>,
): { apiGroup: string; kind: string; name: string } | undefined {
  const { context, label } = scope;
  if (snapshot.value === undefined || snapshot.value === '') {
    snapshot.same([], 'empty: no snapshot');
    return undefined;
  }
  const name = `${context.name}.${label}`;
  const content = `${context.namespace}.${name}`;
  context.findings.require('snapshot-controller', `volume ${scope.ecsName} of ${context.title}`);
  context.add({
    apiVersion: `${API}/v1`,
    kind: 'VolumeSnapshotContent',
    metadata: { name: content },
    spec: {
      driver: 'ebs.csi.aws.com',
      deletionPolicy: 'Retain',
      source: { snapshotHandle: snapshot.value },
      volumeSnapshotRef: { name, namespace: context.namespace },
    },
  });
  context.add({
    apiVersion: `${API}/v1`,
    kind: 'VolumeSnapshot',
    metadata: { name, namespace: context.namespace },
    spec: { source: { volumeSnapshotContentName: content } },
  });
  snapshot.needsAddon(
    [
      'PodSpec.volumes.ephemeral.volumeClaimTemplate.spec.dataSource',
      'VolumeSnapshotContent.spec.source.snapshotHandle',
    ],
    'named by a VolumeSnapshot',
    'install the snapshot controller',
  );
  return { apiGroup: API, kind: 'VolumeSnapshot', name };
}
