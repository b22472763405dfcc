import { parseSecretReference } from '../ecs/secret-reference.js';
import { externalSecretFor } from './external-secret.js';
import { unread } from './not-known.js';
import type { PodDraft, PortContext } from './pod-draft.js';

/** Docker Hub's key in a Docker configuration. */
const DOCKER_HUB = 'https://index.docker.io/v1/';

/** What stands for a registry that is a placeholder in braces: the operator would take those for its own template. */
const UNKNOWN_REGISTRY = 'REGISTRY';

/**
 * `repositoryCredentials`: a secret with `username` and `password` becomes a `kubernetes.io/dockerconfigjson` Secret for the
 * image's registry, and the pod's imagePullSecrets. Each pair of registry and credentials gets one.
 *
 * Source: ECS API `RepositoryCredentials`; the parameter is a secret's ARN, or its name in the task's own region.
 */
export function applyRepositoryCredentials(pod: PodDraft, context: PortContext): void {
  const pairs = new Map<string, string>();
  for (const { definition } of pod.containers) {
    const field = definition.get('repositoryCredentials').get('credentialsParameter');
    unread(definition.get('repositoryCredentials'));
    if (!field.exists) continue;
    const reference = parseSecretReference(field.value ?? '', 'SecretsManager');
    if (reference === undefined) {
      field.none(
        'not the ARN of a secret, nor a name',
        'correct credentialsParameter: ECS could not pull this image either',
      );
      continue;
    }
    const registry = registryOf(definition.get('image').value ?? '');
    const pair = JSON.stringify([registry, reference]);
    if (!pairs.has(pair)) {
      const purpose = pairs.size === 0 ? 'registry' : `registry-${pairs.size + 1}`;
      const items = ['username', 'password'].map((key) => ({ key, reference: { ...reference, jsonKey: key } }));
      const auth = '{{ printf "%s:%s" .username .password | b64enc }}';
      const host = registry.includes('{{') ? UNKNOWN_REGISTRY : registry;
      const template = {
        type: 'kubernetes.io/dockerconfigjson',
        data: { '.dockerconfigjson': `{"auths":{${JSON.stringify(host)}:{"auth":"${auth}"}}}` },
      };
      const name = externalSecretFor(context, purpose, items, template).get('username')?.name ?? '';
      pairs.set(pair, name);
      pod.spec.imagePullSecrets = [...(pod.spec.imagePullSecrets ?? []), { name }];
    }
    field.needsAddon(
      ['PodSpec.imagePullSecrets', 'ExternalSecret.spec.target.template'],
      `the credentials for ${registry} hold for all containers of the pod`,
      `install the External Secrets operator and let it read the secret (see the IAM changes)${registry.includes('{{') ? `; put the registry's host in place of ${UNKNOWN_REGISTRY}` : ''}`,
    );
  }
}

/**
 * The registry of an image, as Docker configurations key it: what stands before the first `/` when it looks like a host.
 *
 * Source: distribution/reference, "Domain".
 *
 * @example registryOf('registry.example.com:5000/web:1') // 'registry.example.com:5000'
 * @example registryOf('nginx') // 'https://index.docker.io/v1/'
 */
export function registryOf(image: string): string {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  if (first === 'docker.io' || first === 'index.docker.io') return DOCKER_HUB;
  return /[.:${<]/.test(first) || first === 'localhost' ? first : DOCKER_HUB;
}
