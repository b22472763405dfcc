import { quoted, type Report } from '../finding.js';
import { field, textOf } from '../json.js';
import { dnsSubdomain } from '../names.js';
import { expectName, expectText } from '../rule.js';

/** An NFS export is a server and an absolute path. */
export function checkNfs(report: Report, source: unknown, path: string): void {
  expectText(report, `${path}.server`, field(source, 'server'));
  const exported = textOf(source, 'path');
  if (exported !== undefined && !exported.startsWith('/'))
    report(`${path}.path`, `${quoted(exported)} must be an absolute path`);
}

/** A CSI driver's name is a DNS name of at most 63 characters, in either case. */
export function checkDriver(report: Report, source: unknown, path: string): void {
  const driver = textOf(source, 'driver');
  expectText(report, `${path}.driver`, driver);
  if (driver !== undefined && driver !== '')
    expectName(report, `${path}.driver`, driver.toLowerCase(), (text) =>
      text.length > 63 ? 'has more than 63 characters' : dnsSubdomain(text),
    );
}
