import type { KubernetesApi } from '../runtime/api.js';
import { isApiError } from '../runtime/api-error.js';
import { compareVersions } from '../runtime/resource-version.js';
import { type KubernetesObject, type ObjectName, RESOURCE } from '../runtime/resource.js';

/** Field manager of the cursor. */
const FIELD_MANAGER = 'tranship-outbox';
/** Of a ConfigMap without a position. */
const BEGINNING = '0';

interface CursorObject extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * How far delivery has got, in a ConfigMap: the version of the newest Event that was delivered with all before it. It is
 * written after a batch was delivered, so a crash between the two delivers the batch again and loses none.
 */
export class Cursor {
  #resourceVersion: string | undefined;
  #position = BEGINNING;

  constructor(
    private readonly api: KubernetesApi,
    private readonly name: ObjectName & { readonly namespace: string },
  ) {}

  get position(): string {
    return this.#position;
  }

  /** Reads where an earlier process got to. @throws ApiError */
  async read(signal: AbortSignal): Promise<void> {
    try {
      const { data, metadata } = await this.api.get<CursorObject>(RESOURCE.configMap, this.name, { signal });
      const position = data?.['position'] ?? BEGINNING;
      this.#position = /^\d{1,30}$/.test(position) ? position : BEGINNING;
      this.#resourceVersion = metadata.resourceVersion;
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
      this.#position = BEGINNING;
      this.#resourceVersion = undefined;
    }
  }

  /** Whether an Event of this version is still to be delivered. */
  isBefore(resourceVersion: string): boolean {
    return compareVersions(this.#position, resourceVersion) < 0;
  }

  /** Begins anew, when the server's versions have gone back, as after a restored backup. */
  rewind(): void {
    this.#position = BEGINNING;
  }

  /**
   * @throws ApiError `Conflict` or `AlreadyExists` if another process has written it: read it again
   */
  async advance(position: string, signal: AbortSignal): Promise<void> {
    const object: CursorObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        ...this.name,
        ...(this.#resourceVersion === undefined ? {} : { resourceVersion: this.#resourceVersion }),
      },
      data: { position },
    };
    const options = { fieldManager: FIELD_MANAGER, signal };
    const { metadata } =
      this.#resourceVersion === undefined
        ? await this.api.create<CursorObject>(RESOURCE.configMap, object, options)
        : await this.api.apply<CursorObject>(RESOURCE.configMap, object, { ...options, force: true });
    this.#position = position;
    this.#resourceVersion = metadata.resourceVersion;
  }
}
