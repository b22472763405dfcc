import { LABEL } from './annotations.js';
import type { Manifest } from './manifest.js';

/**
 * The namespace of an ECS cluster's workloads. When a load balancer is bound, its pods get the controller's readiness
 * gate; the Pod Security level is the lowest that admits all pods.
 *
 * Source: AWS Load Balancer Controller, "Pod readiness gate"; Kubernetes Pod Security Standards.
 */
export function namespaceManifest(name: string, manifests: readonly Manifest[]): Manifest {
  const gated = manifests.some((manifest) => manifest.kind === 'TargetGroupBinding');
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: {
        [LABEL.managedBy]: 'tranship',
        'pod-security.kubernetes.io/enforce': manifests.some(needsPrivilege) ? 'privileged' : 'baseline',
        ...(gated ? { 'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled' } : {}),
      },
    },
  };
}

interface PodLike {
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly securityContext?: { readonly sysctls?: readonly { readonly name: string }[] };
  readonly volumes?: readonly { readonly hostPath?: unknown }[];
  readonly containers?: readonly ContainerLike[];
  readonly initContainers?: readonly ContainerLike[];
}

interface ContainerLike {
  readonly ports?: readonly { readonly hostPort?: number }[];
  readonly securityContext?: {
    readonly privileged?: boolean;
    readonly capabilities?: { readonly add?: readonly string[] };
    readonly appArmorProfile?: unknown;
    readonly seLinuxOptions?: unknown;
    readonly windowsOptions?: { readonly hostProcess?: boolean };
  };
}

/** Capabilities that the baseline level lets containers add. Source: Pod Security Standards, "Capabilities". */
const BASELINE_CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

function needsPrivilege(manifest: Manifest): boolean {
  const pod = podOf(manifest);
  if (pod === undefined) return false;
  const containers = [...(pod.containers ?? []), ...(pod.initContainers ?? [])];
  return (
    pod.hostNetwork === true ||
    pod.hostPID === true ||
    pod.hostIPC === true ||
    (pod.securityContext?.sysctls ?? []).length > 0 ||
    (pod.volumes ?? []).some((volume) => volume.hostPath !== undefined) ||
    containers.some(
      ({ ports, securityContext }) =>
        (ports ?? []).some((port) => (port.hostPort ?? 0) > 0) ||
        securityContext?.privileged === true ||
        securityContext?.seLinuxOptions !== undefined ||
        (securityContext?.capabilities?.add ?? []).some((name) => !BASELINE_CAPABILITIES.has(name)),
    )
  );
}

function podOf(manifest: Manifest): PodLike | undefined {
  type Template = { template?: { spec?: PodLike } };
  const spec = manifest['spec'] as (Template & { jobTemplate?: { spec?: Template } }) | undefined;
  return spec?.template?.spec ?? spec?.jobTemplate?.spec?.template?.spec;
}
