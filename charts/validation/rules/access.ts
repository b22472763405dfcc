import { below, quoted, type Report } from '../finding.js';
import { field, listOf, numberOf, textOf } from '../json.js';
import { dnsSubdomain, pathSegment } from '../names.js';
import { expectName, expectOneOf, expectText, type Rule } from '../rule.js';
import { checkLabelSelector } from './selectors.js';

const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** Classes above this are the system's own. */
const HIGHEST_PRIORITY = 1_000_000_000;

/** Roles of a namespace or of the cluster. Source: pkg/apis/rbac/validation/validation.go, ValidatePolicyRule */
export const role: Rule = ({ manifest, report }) => {
  const isNamespaced = textOf(manifest, 'kind') === 'Role';
  const aggregation = field(manifest, 'aggregationRule');
  const selectors = listOf(aggregation, 'clusterRoleSelectors');
  if (aggregation !== undefined && selectors.length === 0)
    report('aggregationRule.clusterRoleSelectors', 'is empty, it needs at least one selector');
  for (const [index, selector] of selectors.entries())
    checkLabelSelector(report, below('aggregationRule.clusterRoleSelectors', index), selector);
  for (const [index, rule] of listOf(manifest, 'rules').entries()) {
    const path = below('rules', index);
    if (listOf(rule, 'verbs').length === 0) report(`${path}.verbs`, 'is empty, it needs at least one verb');
    const given = ['apiGroups', 'resources', 'resourceNames'].filter((name) => listOf(rule, name).length > 0);
    if (listOf(rule, 'nonResourceURLs').length > 0) {
      if (isNamespaced) report(`${path}.nonResourceURLs`, 'must be left out of a Role; use a ClusterRole');
      if (given.length > 0)
        report(`${path}.nonResourceURLs`, `must not stand beside ${given.join(', ')}; make two rules`);
      continue;
    }
    for (const name of ['apiGroups', 'resources'])
      if (!given.includes(name)) report(`${path}.${name}`, `is empty, it needs at least one; "" is the core group`);
  }
};

/** Bindings of both kinds. Source: validation.go, ValidateRoleBinding and ValidateClusterRoleBinding */
export const roleBinding: Rule = ({ manifest, report }) => {
  const isNamespaced = textOf(manifest, 'kind') === 'RoleBinding';
  const reference = field(manifest, 'roleRef');
  expectOneOf(report, 'roleRef.apiGroup', field(reference, 'apiGroup'), [RBAC_GROUP, '']);
  expectOneOf(
    report,
    'roleRef.kind',
    field(reference, 'kind'),
    isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'],
  );
  expectText(report, 'roleRef.name', field(reference, 'name'));
  expectName(report, 'roleRef.name', field(reference, 'name'), pathSegment);
  for (const [index, subject] of listOf(manifest, 'subjects').entries())
    checkSubject(report, subject, below('subjects', index), isNamespaced);
};

function checkSubject(report: Report, subject: unknown, path: string, isNamespaced: boolean): void {
  const kind = textOf(subject, 'kind');
  const group = textOf(subject, 'apiGroup') ?? '';
  expectText(report, `${path}.name`, field(subject, 'name'));
  expectOneOf(report, `${path}.kind`, kind, ['ServiceAccount', 'User', 'Group']);
  if (kind === 'ServiceAccount') {
    if (textOf(subject, 'name') !== '') expectName(report, `${path}.name`, field(subject, 'name'), dnsSubdomain);
    if (group !== '') report(`${path}.apiGroup`, `${quoted(group)} must be left out for a ServiceAccount`);
    if (!isNamespaced)
      expectText(
        report,
        `${path}.namespace`,
        field(subject, 'namespace'),
        'is required for a ServiceAccount in a ClusterRoleBinding',
      );
  } else if (group !== '') expectOneOf(report, `${path}.apiGroup`, group, [RBAC_GROUP]);
}

/** Source: pkg/apis/scheduling/validation/validation.go, ValidatePriorityClass */
export const priorityClass: Rule = ({ manifest, report }) => {
  const name = textOf(field(manifest, 'metadata'), 'name') ?? '';
  const value = numberOf(manifest, 'value') ?? 0;
  if (name.startsWith('system-'))
    report('metadata.name', `${quoted(name)}: names that start with "system-" belong to Kubernetes`);
  else if (value > HIGHEST_PRIORITY)
    report('value', `${value} is out of range, at most ${HIGHEST_PRIORITY} is allowed`);
};
