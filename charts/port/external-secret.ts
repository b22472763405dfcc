import type { SecretReference } from '../ecs/secret-reference.js';
import type { PortContext } from './pod-draft.js';
import { secretStoreFor, storeLabel } from './secret-store.js';

/** How often the operator reads values again. ECS reads at each task start; a pod gets what was read last. */
export const REFRESH_INTERVAL = '5m0s';

/** One value of a Kubernetes Secret to make. */
export interface SecretItem {
  /** Its key in the Secret: `[-._a-zA-Z0-9]`, at most 253 characters, unique among the items. */
  readonly key: string;
  readonly reference: SecretReference;
}

/** Where a value is in Kubernetes: what `secretKeyRef` takes. */
export interface SecretKey {
  readonly name: string;
  readonly key: string;
}

/** `spec.target.template` of an ExternalSecret: the Secret's type, and its data as Go templates over the items. */
export interface SecretTemplate {
  readonly type?: string;
  readonly data: Readonly<Record<string, string>>;
}

/**
 * ExternalSecrets that fetch values into Kubernetes Secrets, one per store, named `WORKLOAD.PURPOSE.STORE`. The manifests
 * name where values are, never the values.
 *
 * The values are read anew every {@link REFRESH_INTERVAL}, so that a pod that starts gets the current one, as a new ECS
 * task does; running containers keep theirs in both. Fetching once (`CreatedOnce`) would hand out rotated passwords for
 * ever.
 *
 * Source: external-secrets.io/v1 `ExternalSecretSpec`; ECS Developer Guide, "Pass sensitive data to a container".
 *
 * @param purpose DNS label, unique within the workload: `env`, `log`
 * @param template renders the Secret from the items; only for items of one store
 * @returns where each item is, by its key
 */
export function externalSecretFor(
  context: PortContext,
  purpose: string,
  items: readonly SecretItem[],
  template?: SecretTemplate,
): ReadonlyMap<string, SecretKey> {
  const places = new Map<string, SecretKey>();
  const stores = new Map<string, SecretItem[]>();
  for (const item of items) {
    const label = storeLabel(context, item.reference.service, item.reference.region);
    const list = stores.get(label) ?? [];
    stores.set(label, [...list.filter(({ key }) => key !== item.key), item]);
  }
  for (const [label, list] of stores) {
    const [first] = list;
    if (first === undefined) continue;
    const store = secretStoreFor(context, first.reference.service, first.reference.region);
    const name = `${context.name}.${purpose}.${label}`;
    context.add({
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata: { name, namespace: context.namespace },
      spec: {
        refreshPolicy: 'Periodic',
        refreshInterval: REFRESH_INTERVAL,
        secretStoreRef: { kind: 'SecretStore', name: store },
        target: { name, creationPolicy: 'Owner', ...(template === undefined ? {} : { template }) },
        data: list.map(({ key, reference }) => ({ secretKey: key, remoteRef: remoteRef(reference) })),
      },
    });
    for (const { key } of list) places.set(key, { name, key });
  }
  return places;
}

/**
 * Where the AWS provider finds a value. ARNs and names go through as ECS would hand them to the AWS API.
 *
 * @example remoteRef({ service: 'SecretsManager', id: 'db', jsonKey: 'password', versionStage: 'AWSPREVIOUS' })
 * // { key: 'db', property: 'password', version: 'AWSPREVIOUS' }
 */
export function remoteRef(reference: SecretReference): Readonly<Record<string, string>> {
  const version =
    reference.service === 'ParameterStore'
      ? reference.parameterVersion
      : reference.versionId === undefined
        ? reference.versionStage
        : `uuid/${reference.versionId}`;
  return {
    key: reference.id,
    ...(reference.jsonKey === undefined ? {} : { property: literalProperty(reference.jsonKey) }),
    ...(version === undefined ? {} : { version }),
  };
}

/**
 * A JSON key as a `property`, which is a GJSON path: what means something there is escaped. Dots are not, since the
 * provider tries them as part of the key first; nor is the `{{` of a deployment tool.
 */
function literalProperty(key: string): string {
  return key.replace(/[\\*?|#]/g, '\\$&').replace(/^(?:[@![]|\{(?!\{))/, '\\$&');
}
