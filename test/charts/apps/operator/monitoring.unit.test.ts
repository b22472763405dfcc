import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { alertRules } from '../../../../charts/apps/operator/monitoring/alerts.js';
import { dashboard } from '../../../../charts/apps/operator/monitoring/dashboard.js';
import { METRIC, METRIC_LABELS } from '../../../../charts/apps/operator/monitoring/metric-names.js';
import { NAME } from '../../../../operators/runtime/names.js';
import { find } from './installation.js';

interface Dashboard {
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets?: readonly { readonly expr: string; readonly refId: string }[];
  }[];
}

const { panels } = dashboard() as Dashboard;
const [group] = alertRules().groups;
const rules = group?.rules ?? [];
const drawn = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
const expressions = [...drawn, ...rules.map(({ expr }) => expr)];

/** Metrics in a query, without what Prometheus adds to the name of a histogram. */
function metricsIn(expression: string): readonly string[] {
  return (expression.match(/\btranship_\w+/g) ?? []).map((name) => name.replace(/_(bucket|count|sum)$/, ''));
}

const BRACKETS = [
  ['(', ')'],
  ['{', '}'],
  ['[', ']'],
] as const;

describe('the dashboard and the alerts', () => {
  test('know the metrics by the names that the operator gives them', () => {
    expect(METRIC).toEqual(NAME.metric);
  });

  test('ask for no metric that the operator does not have, and the dashboard shows each that it has', () => {
    const known = new Set<string>(Object.values(NAME.metric));
    expect(expressions.flatMap(metricsIn).filter((name) => !known.has(name))).toEqual([]);
    const shown = new Set(drawn.flatMap(metricsIn));
    expect([...known].filter((name) => !shown.has(name))).toEqual([]);
  });

  test('group and filter by labels that the metrics have', () => {
    const labels = new Set<string>([...METRIC_LABELS, 'job', 'le']);
    const used = expressions.flatMap((expression) => [
      ...[...expression.matchAll(/\bby \(([^)]+)\)/g)].flatMap(([, list = '']) => list.split(', ')),
      ...[...expression.matchAll(/[{,]\s*(\w+)=~?"/g)].map(([, label = '']) => label),
    ]);
    expect(used.length).toBeGreaterThan(expressions.length / 2);
    expect([...new Set(used)].filter((label) => !labels.has(label))).toEqual([]);
    const attributes: readonly string[] = Object.values(NAME.attribute);
    expect(METRIC_LABELS.filter((label) => !attributes.includes(label))).toEqual([]);
  });

  test('name reasons for which the operator holds back', () => {
    const reasons = rules.flatMap(({ expr }) => /reason=~"([^"]+)"/.exec(expr)?.[1]?.split('|') ?? []);
    const policy = readFileSync('operators/healing/healing-policy.ts', 'utf8');
    const [, known = ''] = /export type HoldReason =([^;]+);/.exec(policy) ?? [];
    expect(reasons.length).toBeGreaterThan(5);
    expect(reasons.filter((reason) => !known.includes(`'${reason}'`))).toEqual([]);
  });

  test('have queries whose brackets close', () => {
    for (const expression of expressions) {
      const count = (bracket: string): number => expression.split(bracket).length;
      for (const [open, close] of BRACKETS) expect([expression, count(open)]).toEqual([expression, count(close)]);
    }
  });

  test('have panels that do not overlap, each with a number of its own', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
  });

  test('have alerts that say what is wrong and what to do', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, annotations } of rules) {
      expect(alert).toMatch(/^Tranship[A-Z]/);
      for (const text of Object.values(annotations)) expect(text).toMatch(/^\S.{10,}[.a-z]$/);
    }
  });

  test('come as ConfigMaps that Grafana and Prometheus read', () => {
    const { data } = find('ConfigMap', 'tranship-operator-dashboard') as unknown as { data: Record<string, string> };
    expect(JSON.parse(data['tranship-operator.json'] ?? '')).toEqual(dashboard());
    expect(find('ConfigMap', 'tranship-operator-dashboard').metadata.labels).toHaveProperty('grafana_dashboard', '1');
    const alerts = find('ConfigMap', 'tranship-operator-alerts') as unknown as { data: Record<string, string> };
    expect(parse(alerts.data['tranship-operator.rules.yaml'] ?? '')).toEqual(alertRules());
    expect(find('PrometheusRule')['spec']).toEqual(alertRules());
  });
});
