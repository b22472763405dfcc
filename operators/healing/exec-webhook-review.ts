/** Somebody's wish to run a command in a pod, or to attach to one. */
export interface ExecRequest {
  /** Of the review, to be repeated in the answer. */
  readonly uid: string;
  readonly namespace: string;
  readonly pod: string;
  readonly subresource: 'exec' | 'attach';
  readonly user: string;
  readonly dryRun: boolean;
}

/** A user's name is evidence, not a place to store things. */
const USER_LENGTH = 256;

/**
 * Reads an AdmissionReview. Anybody who reaches the port can send one, so nothing is taken on trust.
 *
 * Source: Kubernetes `admission.k8s.io/v1` AdmissionReview.
 * @returns undefined if it is none of a CONNECT to `pods/exec` or `pods/attach`
 */
export function readReview(body: unknown): ExecRequest | undefined {
  const review = record(body);
  const request = record(review?.['request']);
  if (review?.['apiVersion'] !== 'admission.k8s.io/v1' || request === undefined) return undefined;
  const { uid, namespace, name, subResource, operation, dryRun } = request as Readonly<Record<string, unknown>> & {
    readonly [field in 'uid' | 'namespace' | 'name' | 'subResource' | 'operation' | 'dryRun']?: unknown;
  };
  const user = record(request['userInfo'])?.['username'];
  const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
  if (!isText(uid) || !isText(namespace) || !isText(name) || operation !== 'CONNECT') return undefined;
  if (subResource !== 'exec' && subResource !== 'attach') return undefined;
  return {
    uid,
    namespace,
    pod: name,
    subresource: subResource,
    user: typeof user === 'string' ? user.slice(0, USER_LENGTH) : '',
    dryRun: dryRun === true,
  };
}

/** The answer: always yes. Warnings are for clients that print them; `kubectl exec` and `attach` (1.36) do not. */
export function allow({ uid }: Pick<ExecRequest, 'uid'>, warnings: readonly string[]): object {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid, allowed: true, ...(warnings.length === 0 ? {} : { warnings }) },
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
