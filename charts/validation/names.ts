/**
 * Kubernetes' grammars for names. Each check returns what is allowed when the text does not follow it, and `undefined`
 * when it does.
 *
 * Sources: apimachinery pkg/util/validation/validation.go and pkg/api/validate/content (RFC 1123, RFC 1035, RFC 6335)
 */
export type NameCheck = (text: string) => string | undefined;

const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const RFC_1035_LABEL = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED_PART = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** A DNS label: container, volume and namespace names. */
export const dnsLabel: NameCheck = (text) =>
  text.length <= 63 && DNS_LABEL.test(text)
    ? undefined
    : `must be a DNS label: at most 63 lower-case letters, digits and hyphens, no hyphen first or last${lengthOf(text, 63)}`;

/** A label of RFC 1035, which starts with a letter: Service names before Kubernetes 1.36. */
export const rfc1035Label: NameCheck = (text) =>
  text.length <= 63 && RFC_1035_LABEL.test(text)
    ? undefined
    : `must start with a lower-case letter and hold at most 63 lower-case letters, digits and hyphens, no hyphen last${lengthOf(text, 63)}`;

/** DNS labels joined by dots: the names of most objects. */
export const dnsSubdomain: NameCheck = (text) =>
  text.length <= 253 && text.split('.').every((label) => DNS_LABEL.test(label))
    ? undefined
    : `must be a DNS name: at most 253 lower-case letters, digits, hyphens and dots, a letter or digit first and last in each part${lengthOf(text, 253)}`;

/** A name that is one step of a URL path: roles and bindings. */
export const pathSegment: NameCheck = (text) =>
  text === '.' || text === '..' || /[/%]/.test(text) ? 'must not be "." or "..", nor hold "/" or "%"' : undefined;

/** The key of a label, annotation or condition: an optional DNS name with `/`, and a name. */
export const qualifiedName: NameCheck = (text) => {
  const slash = text.indexOf('/');
  const prefix = slash === -1 ? undefined : text.slice(0, slash);
  const name = text.slice(slash + 1);
  const allowed =
    'must be a name of at most 63 letters, digits, "-", "_" and ".", a letter or digit first and last, with an optional DNS name and "/" before it';
  if (prefix !== undefined && dnsSubdomain(prefix) !== undefined) return allowed;
  return name.length <= 63 && QUALIFIED_PART.test(name) ? undefined : `${allowed}${lengthOf(name, 63)}`;
};

/** The value of a label; it may be empty. */
export const labelValue: NameCheck = (text) =>
  text === '' || (text.length <= 63 && QUALIFIED_PART.test(text))
    ? undefined
    : `must be empty or at most 63 letters, digits, "-", "_" and ".", a letter or digit first and last${lengthOf(text, 63)}`;

/** The name of a port inside a container (RFC 6335). Service ports take any {@link dnsLabel}. */
export const portName: NameCheck = (text) =>
  text.length >= 1 &&
  text.length <= 15 &&
  /^[-a-z0-9]+$/.test(text) &&
  /[a-z]/.test(text) &&
  !text.includes('--') &&
  !/^-|-$/.test(text)
    ? undefined
    : `must hold at most 15 lower-case letters, digits and single hyphens, a letter among them, no hyphen first or last${lengthOf(text, 15)}`;

/** A key of a ConfigMap or Secret. */
export const configMapKey: NameCheck = (text) =>
  text.length <= 253 && /^[-._a-zA-Z0-9]+$/.test(text) && text !== '.' && !text.startsWith('..')
    ? undefined
    : `must hold at most 253 letters, digits, "-", "_" and ".", and not be "." nor start with ".."${lengthOf(text, 253)}`;

/** The name of an environment variable since RelaxedEnvironmentVariableValidation, which is on in every target. */
export const environmentName: NameCheck = (text) =>
  text !== '' && /^[ -<>-~]+$/.test(text) ? undefined : 'must hold printable ASCII characters other than "="';

/** A number of a port. */
export function portNumber(port: number): string | undefined {
  return port >= 1 && port <= 65_535 ? undefined : 'must be a port from 1 to 65535';
}

function lengthOf(text: string, allowed: number): string {
  return text.length > allowed ? `; it has ${text.length}` : '';
}
