import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What every object has that tests follow. */
export interface WatchedObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly { readonly uid: string }[];
  };
}

interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

interface Waiting {
  check(): void;
  stop(): void;
}

/**
 * Follows a collection of the API server by a watch of kubectl's, and tells each change. It goes on from the last version
 * seen when the server breaks off, so that nothing between is missed.
 *
 * @example
 * const pods = new ObjectWatch<PodObject>(['kubectl', '--kubeconfig=…'], '/api/v1/namespaces/shop/pods', () => undefined);
 * await pods.until('a pod is there', (all) => all.length === 1);
 * pods.stop();
 */
export class ObjectWatch<T extends WatchedObject> {
  readonly #objects = new Map<string, T>();
  readonly #everSeen = new Set<string>();
  readonly #waiting = new Set<Waiting>();
  #version = '';
  #child: ChildProcess | undefined;
  #again: NodeJS.Timeout | undefined;
  #stopped = false;

  /**
   * @param onChange called after each change, with all objects that are there and the one that changed
   */
  constructor(
    private readonly command: readonly string[],
    private readonly path: string,
    private readonly onChange: (objects: readonly T[], changed: T, type: 'ADDED' | 'MODIFIED' | 'DELETED') => void,
  ) {
    this.#start();
  }

  /** Objects that are there, oldest first. */
  get objects(): readonly T[] {
    return [...this.#objects.values()];
  }

  /** Uids of all objects that were ever seen. */
  get everSeen(): ReadonlySet<string> {
    return this.#everSeen;
  }

  /**
   * Resolves with the objects at the first change after which something holds, or at once if it does.
   *
   * @param what ends the sentence "it did not come to hold that …"
   */
  until(what: string, holds: (objects: readonly T[]) => boolean, seconds = 150): Promise<readonly T[]> {
    return new Promise((resolve, reject) => {
      const end = (finish: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        finish();
      };
      const timer = setTimeout(() => {
        const seen = JSON.stringify(this.objects.map(({ metadata }) => metadata.name));
        end(() => reject(new Error(`within ${seconds} s it did not come to hold that ${what}; there are ${seen}`)));
      }, seconds * 1000);
      const waiting = {
        check: () => {
          if (holds(this.objects)) end(() => resolve(this.objects));
        },
        stop: () => end(() => reject(new Error(`the watch was stopped before ${what}`))),
      };
      this.#waiting.add(waiting);
      waiting.check();
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#again);
    this.#child?.kill();
    for (const waiting of this.#waiting) waiting.stop();
  }

  #start(): void {
    const [program = '', ...words] = this.command;
    const query = `?watch=1&allowWatchBookmarks=true&resourceVersion=${this.#version}`;
    const child = spawn(program, [...words, 'get', '--raw', `${this.path}${query}`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => this.#take(line));
    child.once('close', () => {
      // Until the API server is back there is no event to wait for.
      if (!this.#stopped) this.#again = setTimeout(() => this.#start(), 300);
    });
  }

  #take(line: string): void {
    const { type, object } = JSON.parse(line) as WatchEvent<T>;
    if (type === 'ERROR') {
      // The version is too old to go on from: begin anew.
      this.#version = '';
      this.#objects.clear();
      return;
    }
    this.#version = object.metadata.resourceVersion;
    if (type === 'BOOKMARK') return;
    const { uid } = object.metadata;
    this.#everSeen.add(uid);
    if (type === 'DELETED') this.#objects.delete(uid);
    else this.#objects.set(uid, object);
    this.onChange(this.objects, object, type);
    for (const waiting of this.#waiting) waiting.check();
  }
}
