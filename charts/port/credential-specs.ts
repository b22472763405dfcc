import { parseTemplatedArn } from '../ecs/templated-arn.js';
import { dnsLabel, withHash } from './names.js';
import { unread } from './not-known.js';
import type { PodDraft, PortContext } from './pod-draft.js';

/**
 * `credentialSpecs` (gMSA). On Windows, the container names a GMSACredentialSpec, an object that somebody who may read the
 * file has to create from it. Linux and domainless gMSA have no counterpart: nothing in Kubernetes fetches the tickets.
 *
 * Source: ECS API `ContainerDefinition.credentialSpecs` (`credentialspec:ARN`, `credentialspecdomainless:ARN`);
 * Kubernetes documentation, "Configure GMSA for Windows Pods and containers".
 */
export function applyCredentialSpecs(pod: PodDraft, context: PortContext): void {
  for (const { definition, spec } of pod.containers) {
    unread(definition.get('credentialSpecs'));
    for (const [index, field] of definition.get('credentialSpecs').items().entries()) {
      const text = field.value ?? '';
      const arn = /^credentialspec:(.+)$/s.exec(text)?.[1];
      if (/^credentialspecdomainless:/.test(text)) {
        field.none(
          'domainless gMSA: nothing in Kubernetes fetches the Kerberos tickets',
          'run the credentials fetcher in the image, or join the nodes to the domain',
        );
      } else if (arn === undefined) {
        field.none(
          'not a credential spec: it does not begin with credentialspec:',
          'correct it: ECS takes credentialspec:ARN',
        );
      } else if (!context.windows) {
        field.none(
          'gMSA for Linux containers: nothing in Kubernetes fetches the Kerberos tickets',
          'run the credentials fetcher as a sidecar',
        );
      } else if (index > 0) {
        field.none('a container takes one credential spec; the first one is used');
      } else {
        const name = specName(arn);
        spec.securityContext = {
          ...spec.securityContext,
          windowsOptions: { ...spec.securityContext?.windowsOptions, gmsaCredentialSpecName: name },
        };
        context.findings.require('gmsa-webhook', `container ${spec.name} of ${context.title}`);
        field.needsAddon(
          'Container.securityContext.windowsOptions.gmsaCredentialSpecName',
          'the spec becomes an object of the cluster, and the nodes must be joined to the domain',
          `create GMSACredentialSpec ${name} (windows.k8s.io/v1) from ${arn}, and allow the pod's ServiceAccount the verb use on it`,
        );
      }
    }
  }
}

/** File name of an S3 object, or last part of a parameter's name, without its extension. */
function specName(arn: string): string {
  const resource = parseTemplatedArn(arn)?.resource ?? arn;
  const base = resource.replace(/^.*\//s, '').replace(/\.json$/, '');
  const label = dnsLabel(base, 56);
  return label === base ? label : withHash(label, arn);
}
