import type { Run } from './host.js';

/** Runs kubectl on one cluster. */
export class Kubectl {
  readonly #start: readonly string[];
  readonly #run: Run;

  /**
   * @param program path of kubectl
   * @param kubeconfig path
   */
  constructor(program: string, kubeconfig: string, run: Run) {
    this.#start = [program, `--kubeconfig=${kubeconfig}`];
    this.#run = run;
  }

  /**
   * What kubectl prints.
   *
   * @throws ClusterFailure `command-failed`
   * @example await kubectl.text(['get', 'nodes'])
   */
  text(words: readonly string[], input?: string): Promise<string> {
    return this.#run([...this.#start, ...words], input === undefined ? {} : { input });
  }

  /** What kubectl prints with `--output=json`; the caller names the fields that it reads. */
  async json<Answer>(words: readonly string[]): Promise<Answer> {
    return JSON.parse(await this.text([...words, '--output=json'])) as Answer;
  }

  /** Applies objects by server-side apply. */
  async apply(objects: readonly object[]): Promise<void> {
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    await this.text(['apply', '--server-side', '--force-conflicts', '--filename=-'], JSON.stringify(list));
  }
}
