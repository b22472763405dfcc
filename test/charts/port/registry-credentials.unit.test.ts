import { describe, expect, it } from '@jest/globals';
import { registryOf } from '../../../charts/port/registry-credentials.js';
import { applySecrets } from '../../../charts/port/secrets.js';
import { runConcern } from './run-concern.js';

const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/login-AbCdEf';

describe('repository credentials', () => {
  const container = (name: string, image: string, credentialsParameter: string): object => ({
    name,
    image,
    repositoryCredentials: { credentialsParameter },
  });

  it('become a pull secret for the registry of the image', () => {
    const { pod, manifest, entry } = runConcern(applySecrets, {
      containerDefinitions: [container('web', 'registry.example.com/web:1', SECRET)],
    });
    expect(pod.spec.imagePullSecrets).toEqual([{ name: 'web.registry.secrets-manager' }]);
    expect(manifest('ExternalSecret')['spec']).toMatchObject({
      target: {
        template: {
          type: 'kubernetes.io/dockerconfigjson',
          data: {
            '.dockerconfigjson':
              '{"auths":{"registry.example.com":{"auth":"{{ printf "%s:%s" .username .password | b64enc }}"}}}',
          },
        },
      },
      data: [
        { secretKey: 'username', remoteRef: { key: SECRET, property: 'username' } },
        { secretKey: 'password', remoteRef: { key: SECRET, property: 'password' } },
      ],
    });
    expect(entry('containerDefinitions[0].repositoryCredentials.credentialsParameter').fidelity).toBe('needs-addon');
  });

  it('are written once for containers that share them, and apart for those that do not', () => {
    const { pod } = runConcern(applySecrets, {
      containerDefinitions: [
        container('a', 'r.io/a', 'login'),
        container('b', 'r.io/b', 'login'),
        container('c', 'r.io/c', 'other'),
        container('d', 's.io/c', 'login'),
      ],
    });
    expect(pod.spec.imagePullSecrets?.map(({ name }) => name)).toEqual([
      'web.registry.secrets-manager',
      'web.registry-2.secrets-manager',
      'web.registry-3.secrets-manager',
    ]);
  });

  it.each([
    ['nginx', 'https://index.docker.io/v1/'],
    ['library/nginx:1', 'https://index.docker.io/v1/'],
    ['docker.io/library/nginx', 'https://index.docker.io/v1/'],
    ['registry.example.com/web', 'registry.example.com'],
    ['localhost/web', 'localhost'],
    ['registry:5000/web@sha256:00', 'registry:5000'],
    ['${REGISTRY}/web', '${REGISTRY}'],
  ])('of the image %s are for %s', (image, registry) => {
    expect(registryOf(image)).toBe(registry);
  });
});
