import { below, type Report } from '../finding.js';
import { entriesOf, field, isObject, textOf } from '../json.js';
import { configMapKey } from '../names.js';
import { expectName, type Rule } from '../rule.js';
import { byteLength } from './metadata.js';

/** All values of a ConfigMap or Secret together. */
const MAXIMUM_BYTES = 1024 * 1024;

/** What Secrets of a known type must hold. Source: validation.go, ValidateSecret */
const KEYS_BY_TYPE: ReadonlyMap<string, readonly string[]> = new Map([
  ['kubernetes.io/dockercfg', ['.dockercfg']],
  ['kubernetes.io/dockerconfigjson', ['.dockerconfigjson']],
  ['kubernetes.io/ssh-auth', ['ssh-privatekey']],
  ['kubernetes.io/tls', ['tls.crt', 'tls.key']],
]);

/** Source: pkg/apis/core/validation/validation.go, ValidateConfigMap */
export const configMap: Rule = ({ manifest, report }) => {
  const text = entriesOf(manifest, 'data');
  const binary = entriesOf(manifest, 'binaryData');
  checkKeys(report, 'data', text);
  checkKeys(report, 'binaryData', binary);
  const data = field(manifest, 'data');
  for (const [key] of binary)
    if (isObject(data) && Object.hasOwn(data, key))
      report(below('data', key), 'is in binaryData too; keep it in one of the two');
  checkSize(report, '', textBytes(text) + decodedBytes(binary));
};

/** Source: validation.go, ValidateSecret. Values are measured, never shown. */
export const secret: Rule = ({ manifest, report }) => {
  const data = entriesOf(manifest, 'data');
  const text = entriesOf(manifest, 'stringData');
  checkKeys(report, 'data', data);
  checkKeys(report, 'stringData', text);
  checkSize(report, 'data', textBytes(text) + decodedBytes(data));
  const keys = new Set([...data, ...text].map(([key]) => key));
  const type = textOf(manifest, 'type') ?? '';
  for (const key of KEYS_BY_TYPE.get(type) ?? [])
    if (!keys.has(key)) report(below('data', key), `is required in a Secret of type ${type}`);
  for (const key of ['.dockercfg', '.dockerconfigjson']) {
    const value = textOf(field(manifest, 'data'), key);
    if (value !== undefined && KEYS_BY_TYPE.get(type)?.includes(key) === true && !isJson(value))
      report(below('data', key), 'is not JSON in base64');
  }
  if (type === 'kubernetes.io/basic-auth' && !keys.has('username') && !keys.has('password'))
    report('data.username', `username or password is required in a Secret of type ${type}`);
};

function checkKeys(report: Report, path: string, entries: readonly (readonly [string, unknown])[]): void {
  for (const [key] of entries) expectName(report, below(path, key), key, configMapKey);
}

function checkSize(report: Report, path: string, bytes: number): void {
  if (bytes > MAXIMUM_BYTES)
    report(path, `holds ${bytes} bytes, at most ${MAXIMUM_BYTES} are allowed; split it or mount a volume`);
}

function textBytes(entries: readonly (readonly [string, unknown])[]): number {
  return entries.reduce((sum, [, value]) => sum + (typeof value === 'string' ? byteLength(value) : 0), 0);
}

function isJson(base64: string): boolean {
  try {
    return isObject(JSON.parse(Buffer.from(base64, 'base64').toString('utf8')));
  } catch {
    return false;
  }
}

/** Base64 takes four characters for three bytes. */
function decodedBytes(entries: readonly (readonly [string, unknown])[]): number {
  return entries.reduce(
    (sum, [, value]) =>
      sum + (typeof value === 'string' ? Math.floor((value.replace(/[\r\n=]/g, '').length * 3) / 4) : 0),
    0,
  );
}
