import { describe, expect, test } from '@jest/globals';
import { renderMarkdown } from '../../../charts/report/markdown.js';
import type { Report } from '../../../charts/report/report.js';
import { field, report, workload } from './sample.js';

function markdown(given: Report = report()): string {
  return [...renderMarkdown(given)].join('\n');
}

describe('the Markdown report', () => {
  test('lists every field once, those that are the same folded away', () => {
    const text = markdown();
    for (const { path } of report().documents.flatMap(({ fields }) => fields)) {
      expect(text.split(`\`${path}\``)).toHaveLength(2);
    }
    expect(text).toContain('<details><summary>1 field carried as it was</summary>');
  });

  test('puts a field that is not the same in a row with what is lost, what to do and where it stands', () => {
    expect(markdown()).toContain(
      '| needs add-on | `services[0].enableExecuteCommand` |  | kubectl exec takes its place | grant pods/exec | `services.json:32:3` |',
    );
  });

  test('has as many cells in every row of a table as in its head', () => {
    const lost = 'a | b `c` \\ <i>';
    const fields = [field('a|b`', { fidelity: 'near', lost, kubernetes: ['x|y'] })];
    const rows = markdown(report({ workloads: [workload({ fields })] }))
      .split('\n')
      .filter((line) => line.startsWith('| near'));
    const row = rows.find((line) => line.includes('&lt;i&gt;')) ?? '';
    expect(row.split(/(?<!\\)\|/)).toHaveLength(8);
  });

  test('lets nothing of the input become HTML, a link or a mention', () => {
    const lost = '<script>alert(1)</script> [x](http://evil.example) @someone\nnew line';
    const text = markdown(report({ workloads: [workload({ fields: [field('a', { fidelity: 'none', lost })] })] }));
    expect(text).not.toContain('<script>');
    expect(text).toContain('\\[x\\](http://evil.example) \\@someone new line');
  });

  test('gives IAM statements as blocks to copy', () => {
    expect(markdown()).toContain('  ```json\n  {\n    "Effect": "Allow",');
  });
});
