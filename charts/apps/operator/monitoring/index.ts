import type { Manifest } from '../../../port/manifest.js';
import { LABELS, NAMES, type OperatorOptions } from '../names.js';
import { YamlWriter } from '../../../yaml.js';
import { alertRules } from './alerts.js';
import { dashboard } from './dashboard.js';

/**
 * The dashboard, as the ConfigMap that Grafana's sidecar looks for, and the alert rules as a ConfigMap with a rule file.
 * With `prometheusRule` they come as the custom resource of the Prometheus Operator too, whose CRDs must then be there.
 */
export function monitoring(options: OperatorOptions): ReadonlyMap<string, readonly Manifest[]> {
  const { namespace, prometheusRule = false } = options;
  const metadata = (suffix: string, labels: Readonly<Record<string, string>> = {}): Manifest['metadata'] => ({
    name: `${NAMES.operator}-${suffix}`,
    namespace,
    labels: { ...LABELS, ...labels },
  });
  const configMap = (meta: Manifest['metadata'], data: Readonly<Record<string, string>>): Manifest => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: meta,
    data,
  });
  const files = new Map<string, readonly Manifest[]>([
    [
      '5-monitoring.yaml',
      [
        configMap(metadata('dashboard', { grafana_dashboard: '1' }), {
          'tranship-operator.json': `${JSON.stringify(dashboard(), null, 2)}\n`,
        }),
        configMap(metadata('alerts'), {
          'tranship-operator.rules.yaml': new YamlWriter().write([alertRules()]),
        }),
      ],
    ],
  ]);
  if (prometheusRule) {
    const meta = metadata('alerts');
    files.set('6-prometheus-rule.yaml', [
      { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', metadata: meta, spec: alertRules() },
    ]);
  }
  return files;
}
