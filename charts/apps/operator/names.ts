import { DEFAULT_KUBERNETES_VERSION, type KubernetesVersion } from '../../port/kubernetes-version.js';

/** Labels of every object of the installation. */
export const LABELS: Readonly<Record<string, string>> = {
  'app.kubernetes.io/name': 'tranship-operator',
  'app.kubernetes.io/part-of': 'tranship',
};

/** Labels that select the operator's pods, and only those. */
export const POD_LABELS: Readonly<Record<string, string>> = { 'app.kubernetes.io/name': 'tranship-operator' };

/** Names of objects that both the charts and the operator know. A test holds the two together. */
export const NAMES = {
  operator: 'tranship-operator',
  lease: 'tranship-operator',
  outboxCursor: 'tranship-outbox-cursor',
  webhookService: 'tranship-exec-webhook',
  webhookCertificate: 'tranship-exec-webhook-certificate',
  webhookConfiguration: 'tranship-exec',
  /** The one webhook in it. */
  webhook: 'exec.tranship.dev',
} as const;

/** Ports of the operator's container: one for probes and scrapes, one for the exec webhook. */
export const PORTS = { health: 8080, webhook: 9443 } as const;

/** The installation's settings. */
export interface OperatorOptions {
  /** Image of this project. @example '111122223333.dkr.ecr.eu-west-1.amazonaws.com/tranship:0.1.0' */
  readonly image: string;
  readonly namespace: string;
  /** Target version; older ones than 1.36 cannot make replacements avoid nodes. */
  readonly kubernetes: KubernetesVersion;
  /** Let new pods avoid nodes that failed their predecessors, where the version can. */
  readonly avoidNodes: boolean;
  /** EventBridge bus, by name or ARN. @default - no events leave the cluster */
  readonly eventBus?: string;
  /** SNS topic, by ARN. @default - no events leave the cluster */
  readonly topic?: string;
  /** AWS region of the bus and the topic. @default - that of their ARN, or of the credentials */
  readonly region?: string;
  /** IAM role for the service account (IRSA). @default - EKS Pod Identity, or none */
  readonly roleArn?: string;
  /** OTLP over HTTP, as `http://collector.observability:4318`. @default - no traces leave the cluster */
  readonly otlpEndpoint?: string;
  /** Also render the alert rules as a PrometheusRule, for the Prometheus Operator. @default false */
  readonly prometheusRule?: boolean;
}

/** What holds where nothing is said. */
export const DEFAULT_OPERATOR_OPTIONS: Pick<OperatorOptions, 'namespace' | 'kubernetes' | 'avoidNodes'> = {
  namespace: 'tranship-system',
  kubernetes: DEFAULT_KUBERNETES_VERSION,
  avoidNodes: true,
};
