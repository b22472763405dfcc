/**
 * Brings one object a step nearer to what it should be. It reads the state as it is now (never what an event said), does
 * nothing twice that was done, and says when to be called again.
 */
export interface Reconciler {
  /** Name in metrics, spans and logs. @example `healing` */
  readonly name: string;
  /**
   * @param key `namespace/name`
   * @throws anything; the queue counts it and calls again with back-off
   */
  reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult>;
}

export interface ReconcileResult {
  /** Call again after so many milliseconds. @default - only when something changes */
  readonly requeueAfterMs?: number;
}
