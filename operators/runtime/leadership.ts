/** What the write fence asks before every write. */
export interface Leadership {
  /**
   * Whether this process may write now: it holds the Lease, and the last renewal that the server confirmed is younger than
   * the renew deadline, by this process's own monotonic reckoning.
   */
  isLeader(): boolean;
  /** Aborted at the moment when leadership is lost; a new one for each term. */
  readonly term: AbortSignal;
}
