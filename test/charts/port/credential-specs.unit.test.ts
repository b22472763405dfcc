import { describe, expect, it } from '@jest/globals';
import { applySecrets } from '../../../charts/port/secrets.js';
import { runConcern } from './run-concern.js';

describe('credential specs', () => {
  const specs = (...credentialSpecs: readonly string[]): object => ({
    containerDefinitions: [{ name: 'web', image: 'iis', credentialSpecs }],
  });

  it('are named to the container on Windows', () => {
    const { pod, entry, context } = runConcern(
      applySecrets,
      specs('credentialspec:arn:aws:s3:::bucket/web-gmsa.json'),
      { windows: true },
    );
    expect(pod.containers[0]?.spec.securityContext).toEqual({ windowsOptions: { gmsaCredentialSpecName: 'web-gmsa' } });
    expect(entry('containerDefinitions[0].credentialSpecs[0]').todo).toContain('GMSACredentialSpec web-gmsa');
    expect(context.findings.prerequisites.map(({ id }) => id)).toEqual(['gmsa-webhook']);
  });

  it('have no counterpart on Linux, nor without a domain', () => {
    const linux = runConcern(applySecrets, specs('credentialspec:arn:aws:s3:::bucket/web.json'));
    const domainless = runConcern(applySecrets, specs('credentialspecdomainless:arn:aws:s3:::bucket/web.json'), {
      windows: true,
    });
    for (const { pod, entry } of [linux, domainless]) {
      expect(pod.containers[0]?.spec.securityContext).toBeUndefined();
      expect(entry('containerDefinitions[0].credentialSpecs[0]').fidelity).toBe('none');
    }
  });
});
