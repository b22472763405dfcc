/** A cluster that tests run on, however it came about. */
export interface TestCluster {
  /** Path of its kubeconfig. */
  readonly kubeconfig: string;
  /** Brings it up, or what is missing of it. */
  up(): Promise<void>;
  /** Ends it and deletes what `up` made. */
  down(): Promise<void>;
  status(): Promise<ClusterStatus>;
  /** Brings the number of kwok's nodes to `nodes`. */
  scale(nodes: number): Promise<void>;
  /**
   * Makes an image known on all nodes.
   *
   * @param image what to load: this project's image, or the stub
   * @param names the names that pods use; without any, the image's own
   * @param env variables of the stub's image, such as `{ STUB_PORTS: '6379' }`
   */
  load(image: 'product' | 'stub', names?: readonly string[], env?: Readonly<Record<string, string>>): Promise<void>;
}

/** What runs. */
export interface ClusterStatus {
  readonly healthy: boolean;
  /** For people. */
  readonly lines: readonly string[];
}
