import { describe, expect, test } from '@jest/globals';
import { renderTree, type TreeOptions } from '../../../charts/report/tree.js';
import type { Report } from '../../../charts/report/report.js';
import { widthOf } from '../../../charts/report/terminal-text.js';
import { field, report, workload } from './sample.js';

function tree(given: Report = report(), options: TreeOptions = {}): string {
  return [...renderTree(given, options)].join('\n');
}

describe('the tree', () => {
  test('begins with the numbers of workloads, objects and fields', () => {
    expect(tree().split('\n')[0]).toBe('1 workload, 2 objects for Kubernetes 1.35, 5 fields of 1 document');
  });

  test('says of each fidelity how many fields have it and what it means', () => {
    const lines = tree().split('\n');
    expect(lines[1]).toMatch(/^ {2}same +2 .*Kubernetes means the same/);
    expect(lines[3]).toMatch(/^ {2}needs add-on +1 .*add-on/);
  });

  test('shows the objects of a workload and its fields that are not the same, the worst first', () => {
    const text = tree();
    expect(text).toContain('Deployment shop/web');
    expect(text).toContain('├─ Deployment web');
    const [none, addon, near] = ['nodes have none', 'kubectl exec takes', 'the autoscaler decides'].map((lost) =>
      text.indexOf(lost),
    );
    expect(none).toBeGreaterThan(0);
    expect(addon).toBeGreaterThan(none ?? 0);
    expect(near).toBeGreaterThan(addon ?? 0);
  });

  test('gives each such field with its position, its path, its Kubernetes field and what to do', () => {
    expect(tree()).toContain('services.json:24:3 services[0].desiredCount → Deployment.spec.replicas');
    expect(tree()).toContain('→ grant pods/exec');
  });

  test('leaves out the fields that are the same, which only count', () => {
    expect(tree()).not.toContain('services[0].serviceName');
  });

  test('says a reason once for all fields that share it', () => {
    const fields = ['a', 'b'].map((path) => field(path, { fidelity: 'none', lost: 'no such thing' }));
    const text = tree(report({ workloads: [workload({ fields })] }));
    expect(text.match(/no such thing/g)).toHaveLength(1);
    expect(text).toContain('services.json:1:3 a');
    expect(text).toContain('services.json:1:3 b');
  });

  test('lists fields that bear on no workload apart', () => {
    const stray = field('Resources.Vpc', { fidelity: 'none', lost: 'stays in CloudFormation', leaves: 17 });
    const text = tree(report({ documents: [{ path: 'services.json', counts: report().counts, fields: [stray] }] }));
    expect(text).toContain('Fields that belong to no workload');
    expect(text).toContain('Resources.Vpc (17 fields)');
  });

  test('names what the cluster and IAM need, what is not known and what ECS gave', () => {
    const text = tree();
    expect(text).toContain('KEDA (2.12 or newer): scales by CloudWatch metrics');
    expect(text).toContain('get it: helm install keda');
    expect(text).toContain('web-task: trust pods.eks.amazonaws.com');
    expect(text).toContain('"sts:TagSession"');
    expect(text).toContain('ImageTag: --parameter ImageTag=VALUE (template.yaml:4:7)');
    expect(text).toContain('named at web.json:8:20, in Deployment shop/web');
  });

  test('says why a refused workload was refused', () => {
    const position = { file: 'web.json', line: 2, column: 5 };
    const diagnostics = [
      { severity: 'refused', code: 'missing-image', message: 'Container.image should not be null', position },
    ] as const;
    const text = tree(report({ workloads: [workload({ outcome: 'refused', objects: [], diagnostics })] }));
    expect(text).toContain('✘ Deployment shop/web');
    expect(text).toContain('web.json:2:5: Container.image should not be null');
  });

  test.each([50, 72, 100, 140])('breaks its texts at %i columns', (width) => {
    const lost =
      'a long sentence about what is lost, which goes on and on until it does not fit on any usual line of a terminal';
    const fields = [field('a', { fidelity: 'none', lost, todo: lost })];
    const text = tree(
      report({ workloads: [workload({ fields })], prerequisites: [], leftBehind: [], trustChanges: [] }),
      { width },
    );
    const block = text.split('\n').filter((line) => /sentence|lost|goes|usual|terminal|→/.test(line));
    expect(block.length).toBeGreaterThan(1);
    for (const line of block) expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  test('is plain unless colours are asked for', () => {
    expect(tree()).not.toContain('\u001b');
    expect(tree(report(), { color: true })).toContain('\u001b[31mnone\u001b[39m');
  });

  test('does not let an input write control characters to the terminal', () => {
    const text = tree(report({ workloads: [workload({ title: 'Deployment a/\u001b[2J', name: 'x\u202ey' })] }));
    expect(text).not.toContain('\u001b');
    expect(text).toContain('\\u001b[2J');
    expect(text).toContain('\\u202e');
  });

  test('cuts down to the worst reasons for a first look, and says how many there are', () => {
    const text = tree(report(), { most: 1 });
    expect(text).toContain('nodes have none');
    expect(text).not.toContain('the autoscaler decides');
    expect(text).toContain('… 2 more reasons in the full report');
  });
});
