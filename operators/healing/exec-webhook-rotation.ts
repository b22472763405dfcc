import { randomBytes } from 'node:crypto';
import { NAMES } from '../../charts/apps/operator/names.js';
import type { KubernetesApi } from '../runtime/api.js';
import { isApiError } from '../runtime/api-error.js';
import type { Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import type { KubernetesObject, Resource } from '../runtime/resource.js';
import { judgeCertificate, makeCertificate, validAuthorities } from './exec-webhook-certificate.js';
import { type HeldCertificate, readCertificate, webhookNames, writeCertificate } from './exec-webhook-secret.js';
import { HEALING } from './names.js';

const CONFIGURATION: Resource = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
  namespaced: false,
};

interface WebhookConfiguration extends KubernetesObject {
  readonly webhooks?: readonly {
    readonly name: string;
    readonly clientConfig: { readonly caBundle?: string; readonly service?: { readonly path?: string } };
  }[];
}

/** Somebody may have applied the manifests again, or deleted the Secret. */
const CHECK_EVERY_MS = 600_000;
const AGAIN_AFTER_MS = 30_000;

/** What the rotation is built from. `api` is fenced: only the leader writes. */
export interface RotationOptions {
  readonly api: KubernetesApi;
  readonly namespace: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Keeps a good certificate in the Secret and the API server trusting it. Runs while this process leads. */
export class CertificateRotation {
  constructor(private readonly options: RotationOptions) {}

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.options;
    while (!signal.aborted) {
      let wait = CHECK_EVERY_MS;
      try {
        await this.keep(signal);
      } catch (error) {
        if (signal.aborted || isApiError(error, 'NotLeader')) return;
        // Without it people still get into their pods; only the note is missing.
        log.warn('exec webhook certificate could not be kept', { error });
        wait = AGAIN_AFTER_MS;
      }
      await clock.sleep(wait, signal);
    }
  }

  /**
   * One look, and what it calls for.
   *
   * @returns whether a new certificate was made
   * @throws ApiError one of the two objects is not there or cannot be written
   */
  async keep(signal: AbortSignal): Promise<boolean> {
    const { api, namespace, clock, log } = this.options;
    const names = webhookNames(namespace);
    const read = await readCertificate(api, namespace, signal);
    const { held } = read;
    if (held !== undefined && judgeCertificate(held, names, clock.now()) === 'good') {
      await this.#tellServer(held, signal);
      return false;
    }
    const made = await makeCertificate(names, clock.now());
    const former = held === undefined ? [] : validAuthorities(held.authorities, clock.now());
    const next: HeldCertificate = {
      certificate: made.certificate,
      key: made.key,
      // The newest two: the one that the replicas serve until they have read the new one, and that.
      authorities: [made.authority, ...former.slice(0, 1)].join(''),
      // The API server takes a path only of parts that are DNS names, so no capitals and no underscores.
      token: held?.token ?? randomBytes(24).toString('hex'),
    };
    // First the trust, then what is to be trusted: at no moment is a certificate served that the API server refuses.
    await this.#tellServer(next, signal);
    await writeCertificate(api, namespace, next, read, HEALING.fieldManager);
    log.info('exec webhook certificate made', { names });
    return true;
  }

  async #tellServer({ authorities, token }: HeldCertificate, signal: AbortSignal): Promise<void> {
    const { api } = this.options;
    const name = { name: NAMES.webhookConfiguration };
    const { webhooks = [] } = await api.get<WebhookConfiguration>(CONFIGURATION, name, { signal });
    const index = webhooks.findIndex((webhook) => webhook.name === NAMES.webhook);
    const webhook = webhooks[index];
    if (webhook === undefined) return;
    const caBundle = Buffer.from(authorities, 'utf8').toString('base64');
    const path = `/exec/${token}`;
    const { clientConfig } = webhook;
    if (clientConfig.caBundle === caBundle && clientConfig.service?.path === path) return;
    const place = `/webhooks/${index}`;
    await api.patch(
      CONFIGURATION,
      name,
      [
        { op: 'test', path: `${place}/name`, value: NAMES.webhook },
        { op: 'add', path: `${place}/clientConfig/caBundle`, value: caBundle },
        { op: 'add', path: `${place}/clientConfig/service/path`, value: path },
      ],
      { fieldManager: HEALING.fieldManager },
    );
  }
}
