import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { renderHtml } from '../../../charts/report/html.js';
import type { Report } from '../../../charts/report/report.js';
import { field, report, workload } from './sample.js';

function html(given: Report = report()): string {
  return [...renderHtml(given)].join('');
}

/** Every element that is opened is closed, in order. */
function unbalanced(text: string): readonly string[] {
  const open: string[] = [];
  const body = text.replace(/<(script|style)>[\s\S]*?<\/\1>/g, '').replace(/<!doctype html>/, '');
  for (const [tag, close, name = ''] of body.matchAll(/<(\/?)([a-z0-9]+)[^>]*>/g)) {
    if (/^(meta|input|w?br)$/.test(name)) continue;
    if (close === '') open.push(name);
    else if (open.pop() !== name) return [tag];
  }
  return open;
}

describe('the HTML report', () => {
  test('is one well-formed page', () => {
    expect(unbalanced(html())).toEqual([]);
  });

  test('loads nothing from anywhere', () => {
    expect(html()).not.toMatch(/\bsrc=|href="(?!#)|url\(|@import|https?:/);
  });

  test('allows by its policy the script that it has, and no other', () => {
    const script = /<script>([\s\S]*?)<\/script>/.exec(html())?.[1] ?? '';
    expect(script.length).toBeGreaterThan(100);
    const hash = createHash('sha256').update(script).digest('base64');
    expect(html()).toContain(`script-src 'sha256-${hash}'`);
    expect(html()).toContain("default-src 'none'");
  });

  test('lists every field once, in a row that tells its fidelity', () => {
    const rows = html().match(/<tr data-fidelity="[a-z-]+">/g) ?? [];
    expect(rows).toHaveLength(5);
    expect(html()).toContain(
      '<tr data-fidelity="needs-addon"><td class="fidelity needs-addon">needs add-on</td><th scope="row"><code>services[0]<wbr>.enableExecuteCommand</code></th>',
    );
  });

  test('has a caption and column heads on every table', () => {
    const tables = html().match(/<table>\n<caption>[^<]+<\/caption>\n<thead><tr><th scope="col">/g) ?? [];
    expect(tables).toHaveLength(html().split('<table>').length - 1);
  });

  test('lets nothing of the input become markup', () => {
    const evil = '"><img src=x onerror=alert(1)> \u202e';
    const fields = [field(evil, { fidelity: 'none', lost: evil, todo: evil, kubernetes: [evil] })];
    const given = report({
      workloads: [workload({ title: evil, name: evil, fields, sharesWith: [evil] })],
      assumptions: [evil],
    });
    expect(html(given)).not.toContain('<img');
    expect(html(given)).not.toContain('\u202e');
    expect(unbalanced(html(given))).toEqual([]);
  });

  test('is readable in light and in dark, and without its script', () => {
    expect(html()).toContain('color-scheme: light dark');
    expect(html()).toContain('prefers-color-scheme: dark');
    expect(html()).not.toContain(' hidden>');
  });
});
