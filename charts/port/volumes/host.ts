import { posix } from 'node:path';
import { addVolume, type VolumeScope, type VolumeSource } from './volume-scope.js';

const NOT_COPIED = 'starts empty: Docker copies what the image has at the mount path into it, Kubernetes does not';

/**
 * A bind mount: a directory of the node with `host.sourcePath`, one that lives as long as the task without.
 *
 * Source: ECS API `HostVolumeProperties`; Kubernetes `HostPathVolumeSource`.
 *
 * @returns the pod volume's name
 */
export function hostVolume(scope: VolumeScope): string {
  const { context, volume } = scope;
  const host = volume.get('host');
  const source = host.get('sourcePath');
  const path = source.value ?? '';
  if (path === '') {
    source.near('PodSpec.volumes.emptyDir', NOT_COPIED);
    // An empty `host` is a leaf of its own; without `host`, only the name is left to carry the note.
    if (host.exists)
      host.near(
        'PodSpec.volumes.emptyDir',
        NOT_COPIED,
        'if the image fills that directory, copy it in an init container',
      );
    else
      volume
        .get('name')
        .near(
          ['PodSpec.volumes.name', 'PodSpec.volumes.emptyDir'],
          NOT_COPIED,
          'if the image fills that directory, copy it in an init container',
        );
    return addVolume(scope, { emptyDir: {} });
  }
  if (context.fargate) {
    source.mark({
      fidelity: 'none',
      kubernetes: ['PodSpec.volumes.emptyDir'],
      lost: 'EKS Fargate has no host to mount from; the pod gets an empty directory',
      todo: 'run these pods on nodes',
    });
    return addVolume(scope, { emptyDir: {} });
  }
  if (isDockerSocket(path)) {
    source.mark({
      fidelity: 'none',
      kubernetes: ['PodSpec.volumes.hostPath'],
      lost: 'EKS nodes run containerd and have no Docker socket; the pod waits for it',
      todo: 'use a version of the program that asks containerd or the Kubernetes API, and remove the volume',
    });
  } else if (/^\/(?:var\/lib\/docker|var\/lib\/ecs|etc\/ecs|var\/log\/ecs|cgroup)(?:\/|$)/.test(path)) {
    source.mark({
      fidelity: 'none',
      kubernetes: ['PodSpec.volumes.hostPath'],
      lost: 'a path of Docker or the ECS agent, which EKS nodes do not have',
      todo: 'use the paths of containerd and the kubelet (/var/lib/containerd, /var/lib/kubelet, /var/log/pods), or remove the volume',
    });
  } else {
    source.near(
      'PodSpec.volumes.hostPath',
      'what the ECS instances have at this path must be on the EKS nodes',
      'check the path on the nodes',
    );
  }
  return addVolume(scope, hostPath(scope, path));
}

/** A pod volume for a path of the node; admission has to allow such volumes. */
export function hostPath({ context, ecsName }: VolumeScope, path: string): VolumeSource {
  context.findings.require('pod-security-privileged', `host path of volume ${ecsName} of ${context.title}`);
  const type = hostPathType(path);
  return { hostPath: { path: absolute(path), ...(type === undefined ? {} : { type }) } };
}

/** The API server refuses `..` in paths, and relative ones mean nothing. Windows paths and placeholders stay as they are. */
function absolute(path: string): string {
  if (/^(?:[A-Za-z]:|\\|[$<{])/.test(path)) return path;
  return path.startsWith('/') && !path.includes('..') ? path : posix.resolve('/', path);
}

/**
 * What the kubelet makes sure of. Docker makes a directory where there is nothing; a path that may be a file or a device is
 * left to the container runtime, which does the same.
 */
function hostPathType(path: string): 'DirectoryOrCreate' | 'Socket' | undefined {
  if (/\.sock$/.test(path)) return 'Socket';
  if (/^\\\\\.\\pipe\\/.test(path) || /^\/(?:dev|etc)\//.test(path) || /\.[^/\\.]+$/.test(path)) return undefined;
  return 'DirectoryOrCreate';
}

function isDockerSocket(path: string): boolean {
  return /^(?:\/var)?\/run\/docker\.sock$/.test(path) || /^\\\\\.\\pipe\\docker_engine$/.test(path);
}
