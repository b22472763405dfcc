/** The object that an Event is about. Source: Kubernetes `ObjectReference`. */
export interface EventReference {
  readonly kind: string;
  readonly apiVersion: string;
  /** @default - an object of the whole cluster; its Events stand in `default` */
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
}

/** What is recorded. Source: `events.k8s.io/v1` Event. */
export interface RecordedEvent {
  readonly regarding: EventReference;
  readonly type: 'Normal' | 'Warning';
  /** UpperCamelCase, why. @example `EssentialContainerExited` */
  readonly reason: string;
  /** UpperCamelCase, what was done or not done. @example `Evict` */
  readonly action: string;
  /** A sentence for people; cut at 1 kB. */
  readonly note: string;
  /** A deterministic name: the Event is written once, however often it is recorded, and is never deduplicated or limited. */
  readonly name?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly related?: EventReference;
}

export interface EventRecorder {
  /**
   * @returns `created`; `exists` if an Event of this deterministic name is there already; `deduplicated` if the same was
   *   said of this object within the window, or the object has had its share
   * @throws ApiError the Event could not be written; it may be recorded again
   */
  record(event: RecordedEvent): Promise<'created' | 'exists' | 'deduplicated'>;
}
