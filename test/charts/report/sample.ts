import type { Report, ReportField, ReportWorkload } from '../../../charts/report/report.js';

/** A field of `services.json`; every field stands on a line of its own. */
export function field(path: string, given: Partial<ReportField> = {}): ReportField {
  return {
    fidelity: 'same',
    kubernetes: [],
    document: 'services.json',
    path,
    position: { file: 'services.json', line: path.length, column: 3 },
    leaves: 1,
    ...given,
  };
}

export function workload(given: Partial<ReportWorkload> = {}): ReportWorkload {
  return {
    title: 'Deployment shop/web',
    kind: 'service',
    name: 'web',
    cluster: 'shop',
    taskDefinition: 'web:42',
    outcome: 'rendered',
    objects: [{ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' }],
    counts: { same: 1, near: 1, 'needs-addon': 1, none: 1 },
    fields: [],
    sharesWith: [],
    diagnostics: [],
    ...given,
  };
}

export function report(given: Partial<Report> = {}): Report {
  const fields = [
    field('services[0].serviceName', { kubernetes: ['Deployment.metadata.name'], workload: 'Deployment shop/web' }),
    field('services[0].desiredCount', {
      fidelity: 'near',
      kubernetes: ['Deployment.spec.replicas'],
      lost: 'the autoscaler decides',
      workload: 'Deployment shop/web',
    }),
    field('services[0].enableExecuteCommand', {
      fidelity: 'needs-addon',
      lost: 'kubectl exec takes its place',
      todo: 'grant pods/exec',
      workload: 'Deployment shop/web',
    }),
    field('services[0].platformVersion', {
      fidelity: 'none',
      lost: 'nodes have none',
      workload: 'Deployment shop/web',
    }),
    field('failures', { lost: 'empty, nothing to carry' }),
  ];
  const counts = { same: 2, near: 1, 'needs-addon': 1, none: 1 };
  return {
    kubernetes: '1.35',
    counts,
    objects: 2,
    workloads: [workload({ fields: fields.slice(0, 4) })],
    shared: [{ apiVersion: 'v1', kind: 'Namespace', name: 'shop' }],
    documents: [{ path: 'services.json', counts, fields }],
    prerequisites: [
      {
        id: 'keda',
        title: 'KEDA',
        purpose: 'scales by CloudWatch metrics',
        obtain: 'helm install keda',
        minimum: '2.12',
        why: ['Deployment shop/web: requests per target'],
      },
    ],
    trustChanges: [
      {
        role: 'web-task',
        change: 'trust pods.eks.amazonaws.com',
        statement: { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'] },
      },
    ],
    placeholders: [
      {
        name: 'ImageTag',
        fix: '--parameter ImageTag=VALUE',
        positions: [{ file: 'template.yaml', line: 4, column: 7 }],
      },
    ],
    assumptions: ['Deployment shop/web: 1 replica'],
    leftBehind: [
      {
        name: 'ECS_AGENT_URI',
        was: 'task protection',
        instead: 'a PodDisruptionBudget',
        workloads: ['Deployment shop/web'],
        mentions: [{ workload: 'Deployment shop/web', position: { file: 'web.json', line: 8, column: 20 } }],
      },
    ],
    diagnostics: [],
    ...given,
  };
}
