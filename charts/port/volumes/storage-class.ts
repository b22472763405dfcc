import { withHash } from '../names.js';
import type { PortContext } from '../pod-draft.js';

/** What distinguishes one StorageClass of the EBS CSI driver from another. */
export interface EbsClass {
  /** Parameters of the driver by its names; values are text. Source: aws-ebs-csi-driver docs/parameters.md. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Whether the EBS volume is kept when the claim goes. */
  readonly retain: boolean;
}

/**
 * A StorageClass of the EBS CSI driver, one for each distinct set of parameters in the whole port. Volumes are made where
 * the pod is scheduled, as ECS makes them where it places the task.
 *
 * @returns its name, `ebs-TYPE-` and a hash of what it says
 */
export function storageClassFor(context: PortContext, { parameters, retain }: EbsClass): string {
  const sorted = [...parameters].sort(([a], [b]) => (a < b ? -1 : 1));
  const type = parameters.get('type') ?? 'default';
  const name = withHash(`ebs-${/^[a-z0-9]{1,20}$/.test(type) ? type : 'volume'}`, JSON.stringify([sorted, retain]));
  context.share({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: 'ebs.csi.aws.com',
    parameters: Object.fromEntries(sorted),
    volumeBindingMode: 'WaitForFirstConsumer',
    reclaimPolicy: retain ? 'Retain' : 'Delete',
    allowVolumeExpansion: true,
  });
  return name;
}
