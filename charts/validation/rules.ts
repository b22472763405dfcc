import type { Rule } from './rule.js';
import { priorityClass, role, roleBinding } from './rules/access.js';
import { horizontalPodAutoscaler, podDisruptionBudget } from './rules/autoscaling.js';
import { persistentVolume, persistentVolumeClaim, storageClass } from './rules/claims.js';
import { configMap, secret } from './rules/data.js';
import { cronJob, job } from './rules/jobs.js';
import { labelsOfObject, nameOfObject } from './rules/metadata.js';
import { ingress, networkPolicy } from './rules/network.js';
import { pod } from './rules/pod.js';
import { service } from './rules/service.js';
import { daemonSet, deployment, statefulSet } from './rules/workloads.js';

const COMMON: readonly Rule[] = [nameOfObject, labelsOfObject];

const RULES: ReadonlyMap<string, readonly Rule[]> = new Map(
  (
    [
      ['apps/v1 Deployment', deployment],
      ['apps/v1 DaemonSet', daemonSet],
      ['apps/v1 StatefulSet', statefulSet],
      ['batch/v1 Job', job],
      ['batch/v1 CronJob', cronJob],
      ['v1 Pod', pod],
      ['v1 Service', service],
      ['v1 ConfigMap', configMap],
      ['v1 Secret', secret],
      ['v1 PersistentVolume', persistentVolume],
      ['v1 PersistentVolumeClaim', persistentVolumeClaim],
      ['storage.k8s.io/v1 StorageClass', storageClass],
      ['autoscaling/v2 HorizontalPodAutoscaler', horizontalPodAutoscaler],
      ['policy/v1 PodDisruptionBudget', podDisruptionBudget],
      ['networking.k8s.io/v1 Ingress', ingress],
      ['networking.k8s.io/v1 NetworkPolicy', networkPolicy],
      ['scheduling.k8s.io/v1 PriorityClass', priorityClass],
      ['rbac.authorization.k8s.io/v1 Role', role],
      ['rbac.authorization.k8s.io/v1 ClusterRole', role],
      ['rbac.authorization.k8s.io/v1 RoleBinding', roleBinding],
      ['rbac.authorization.k8s.io/v1 ClusterRoleBinding', roleBinding],
    ] as const
  ).map(([kind, rule]) => [kind, [...COMMON, rule]]),
);

/** The API server's own checks for a kind, in the order of the fields; custom resources have those of metadata alone. */
export function rulesFor(kind: string): readonly Rule[] {
  return RULES.get(kind) ?? COMMON;
}
