import type { IEnvVar } from 'kubernetes-models/v1';
import type { Field } from '../ecs/field.js';
import type { TaskDefinition } from '../ecs/model/ahead-of-sdk.js';
import { parseSecretReference, type SecretReference } from '../ecs/secret-reference.js';
import { applyCredentialSpecs } from './credential-specs.js';
import { isVariableName } from './environment.js';
import { externalSecretFor, type SecretItem } from './external-secret.js';
import { keyName } from './names.js';
import { unread } from './not-known.js';
import type { ContainerDraft, PodDraft, PortContext } from './pod-draft.js';
import { applyRepositoryCredentials } from './registry-credentials.js';

export { externalSecretFor } from './external-secret.js';

type SecretField = Field<{ name: string | undefined; valueFrom: string | undefined }>;

/** A secret of a container whose reference could be read. */
interface ContainerSecret {
  readonly draft: ContainerDraft;
  readonly field: SecretField;
  readonly name: string;
  readonly key: string;
  readonly reference: SecretReference;
}

/**
 * `secrets`, `repositoryCredentials` and `credentialSpecs` of the containers. Values stay in AWS: the External Secrets
 * operator copies them into Kubernetes Secrets, one per workload and store, with keys `CONTAINER.NAME`.
 *
 * Source: ECS API `ContainerDefinition.secrets`.
 */
export function applySecrets(_definition: Field<TaskDefinition>, pod: PodDraft, context: PortContext): void {
  const secrets = pod.containers.flatMap((draft) => secretsOf(draft));
  const items = secrets.map(({ key, reference }): SecretItem => ({ key, reference }));
  const places = externalSecretFor(context, 'env', items);
  for (const secret of secrets) {
    const place = places.get(secret.key);
    if (place === undefined) continue;
    const { spec } = secret.draft;
    const variable: IEnvVar = { name: secret.name, valueFrom: { secretKeyRef: { name: place.name, key: place.key } } };
    spec.env = [...(spec.env ?? []).filter(({ name }) => name !== secret.name), variable];
    markSecret(secret, context);
  }
  applyRepositoryCredentials(pod, context);
  applyCredentialSpecs(pod, context);
}

function secretsOf(draft: ContainerDraft): readonly ContainerSecret[] {
  const found = new Map<string, ContainerSecret>();
  unread(draft.definition.get('secrets'));
  for (const field of draft.definition.get('secrets').items()) {
    if (unread(field)) continue;
    const name = field.get('name').value;
    const reference = parseSecretReference(field.get('valueFrom').value ?? '');
    if (name === undefined || name === '') field.none('a secret without a name');
    else if (!isVariableName(name)) {
      field.none('the name holds characters that no Kubernetes version takes', 'rename the variable');
    } else if (reference === undefined) {
      field.none(
        'not the ARN of a secret or parameter, nor a name',
        'correct valueFrom: ECS could not start this task either',
      );
    } else {
      const earlier = found.get(name);
      earlier?.field.none('given twice; the last one counts');
      found.set(name, { draft, field, name, key: `${draft.spec.name}.${keyName(name)}`, reference });
    }
  }
  return [...found.values()];
}

function markSecret({ field, reference }: ContainerSecret, context: PortContext): void {
  field.get('name').same('Container.env.name');
  const lost = [
    'read by the External Secrets operator every five minutes instead of at task start; while it cannot be read the first time, the pod waits instead of failing',
    ...(reference.guessed === true
      ? [
          `whether the placeholder names a secret or a parameter is not known; taken for ${reference.service === 'SecretsManager' ? 'a secret' : 'a parameter'}`,
        ]
      : []),
    ...(reference.versionId !== undefined && reference.versionStage !== undefined
      ? ['version id and stage are both given; the operator asks for the id']
      : []),
  ];
  const todo = [
    'install the External Secrets operator and let it read the secret (see the IAM changes)',
    ...(reference.guessed === true ? ['check the service of the SecretStore'] : []),
    ...(reference.region === undefined && context.region === undefined ? ['give the region'] : []),
  ];
  field
    .get('valueFrom')
    .needsAddon(
      ['Container.env.valueFrom.secretKeyRef', 'ExternalSecret.spec.data.remoteRef'],
      lost.join('; '),
      todo.join('; '),
    );
}
