import type { CustomResourceNames, SchemaNode } from './schema-data.js';

const TEXT: SchemaNode = { type: 'string' };

/** ACK's way to name another custom resource instead of an ARN or a name. */
const REFERENCE: SchemaNode = {
  type: 'object',
  properties: { from: { type: 'object', properties: { name: TEXT, namespace: TEXT } } },
};

/**
 * Two custom resources whose definitions are in no package that the generator can read; written from their
 * documentation. Fields are added here when a translation needs them.
 */
export const HAND_WRITTEN_KINDS: ReadonlyMap<string, SchemaNode> = new Map([
  [
    // The fields are those of CreatePodIdentityAssociation of the Amazon EKS API, in ACK's spelling.
    'eks.services.k8s.aws/v1alpha1 PodIdentityAssociation',
    {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          required: ['namespace', 'serviceAccount'],
          properties: {
            clientRequestToken: TEXT,
            clusterName: TEXT,
            clusterRef: REFERENCE,
            disableSessionTags: { type: 'boolean' },
            namespace: TEXT,
            policy: TEXT,
            roleARN: TEXT,
            roleRef: REFERENCE,
            serviceAccount: TEXT,
            tags: { type: 'object', additionalProperties: TEXT },
            targetRoleARN: TEXT,
          },
        },
        status: { type: 'object' },
      },
    },
  ],
  [
    // KEP-689: the content of a group Managed Service Account's credential spec file, as Windows' tools write it.
    'windows.k8s.io/v1 GMSACredentialSpec',
    {
      type: 'object',
      properties: { credspec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    },
  ],
]);

/** How the API server addresses each of {@link HAND_WRITTEN_KINDS}. */
export const HAND_WRITTEN_RESOURCES: ReadonlyMap<string, CustomResourceNames> = new Map([
  ['eks.services.k8s.aws/v1alpha1 PodIdentityAssociation', { plural: 'podidentityassociations', namespaced: true }],
  ['windows.k8s.io/v1 GMSACredentialSpec', { plural: 'gmsacredentialspecs', namespaced: false }],
]);
