import { NAMES } from '../../charts/apps/operator/names.js';
import type { KubernetesApi } from '../runtime/api.js';
import { type KubernetesObject, type ObjectName, RESOURCE } from '../runtime/resource.js';
import type { ServingCertificate } from './exec-webhook-certificate.js';

/** What the Secret holds: both replicas serve by it. */
export interface HeldCertificate extends Pick<ServingCertificate, 'certificate' | 'key'> {
  /** Authorities to trust, PEM, the newest first. */
  readonly authorities: string;
  /** The last part of the webhook's path. Only the API server is told it, so only the API server can call. */
  readonly token: string;
}

interface Secret extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** The Secret as it was read: what it holds, if that is all there, and its version. */
export interface ReadCertificate {
  readonly held?: HeldCertificate;
  readonly resourceVersion: string;
}

/** DNS names under which the API server and others reach the webhook's Service. */
export function webhookNames(namespace: string): readonly string[] {
  const name = `${NAMES.webhookService}.${namespace}.svc`;
  return [name, `${name}.cluster.local`];
}

/** @throws ApiError `NotFound` the Secret, which the charts create, is not there */
export async function readCertificate(
  api: KubernetesApi,
  namespace: string,
  signal: AbortSignal,
): Promise<ReadCertificate> {
  const secret = await api.get<Secret>(RESOURCE.secret, nameIn(namespace), { signal });
  const data = secret.data ?? {};
  const get = (key: string): string => {
    const value = Object.hasOwn(data, key) ? data[key] : undefined;
    return value === undefined ? '' : Buffer.from(value, 'base64').toString('utf8');
  };
  const held = { certificate: get('tls.crt'), key: get('tls.key'), authorities: get('ca.crt'), token: get('token') };
  const resourceVersion = secret.metadata.resourceVersion ?? '';
  return Object.values(held).includes('') ? { resourceVersion } : { held, resourceVersion };
}

/** @throws ApiError `Conflict` somebody else wrote the Secret since it was read */
export async function writeCertificate(
  api: KubernetesApi,
  namespace: string,
  held: HeldCertificate,
  { resourceVersion }: ReadCertificate,
  fieldManager: string,
): Promise<void> {
  const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  const value = {
    'tls.crt': encode(held.certificate),
    'tls.key': encode(held.key),
    'ca.crt': encode(held.authorities),
    token: encode(held.token),
  };
  await api.patch(
    RESOURCE.secret,
    nameIn(namespace),
    [
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'add', path: '/data', value },
    ],
    { fieldManager },
  );
}

function nameIn(namespace: string): ObjectName {
  return { namespace, name: NAMES.webhookCertificate };
}
