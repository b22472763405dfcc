import { podCases } from './rule-cases.js';

const affinityTerm =
  'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0]';
const spread = 'topologySpreadConstraints[0]';

podCases('scheduling', [
  [
    'Gt compares with one number',
    `${affinityTerm}.values`,
    ['4'],
    ['4', '5'],
    `${affinityTerm}.values`,
    'Gt takes exactly one',
  ],
  [
    'Gt compares with an integer',
    `${affinityTerm}.values`,
    ['0'],
    ['four'],
    `${affinityTerm}.values[0]`,
    'is no integer',
  ],
  [
    'Exists takes no value',
    affinityTerm,
    { key: 'a', operator: 'Exists' },
    { key: 'a', operator: 'Exists', values: ['b'] },
    `${affinityTerm}.values`,
    'must be left out with Exists',
  ],
  [
    'In takes a value',
    affinityTerm,
    { key: 'a', operator: 'In', values: ['b'] },
    { key: 'a', operator: 'In' },
    `${affinityTerm}.values`,
    'needs at least one value',
  ],
  [
    'operators are those that exist',
    affinityTerm,
    { key: 'a', operator: 'DoesNotExist' },
    { key: 'a', operator: 'Matches', values: ['b'] },
    `${affinityTerm}.operator`,
    'allowed: DoesNotExist, Exists, Gt, In, Lt, NotIn',
  ],
  ['node selectors are labels', 'nodeSelector', { a: 'b' }, { 'a b': 'c' }, 'nodeSelector["a b"]', 'must be a name'],
  [
    'weights are from 1 to 100',
    'affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution',
    [{ weight: 100, preference: {} }],
    [{ weight: 101, preference: {} }],
    'affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight',
    'from 1 to 100',
  ],
  [
    'a required affinity has terms',
    'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms',
    [{}],
    [],
    'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms',
    'at least one term',
  ],
  [
    'pod affinity selects by label',
    'affinity.podAffinity',
    {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'zone', labelSelector: { matchLabels: { a: 'b' } } },
      ],
    },
    {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'zone', labelSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
      ],
    },
    'affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector.matchExpressions[0].values',
    'In needs at least one value',
  ],
  [
    'a toleration without a key exists',
    'tolerations',
    [{ operator: 'Exists' }],
    [{ operator: 'Equal', value: 'a' }],
    'tolerations[0].operator',
    'must be Exists',
  ],
  [
    'Exists tolerates every value',
    'tolerations',
    [{ key: 'a', operator: 'Exists' }],
    [{ key: 'a', operator: 'Exists', value: 'b' }],
    'tolerations[0].value',
    'left out with Exists',
  ],
  [
    'only eviction waits',
    'tolerations',
    [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 3 }],
    [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 3 }],
    'tolerations[0].effect',
    'must be NoExecute',
  ],
  ['skew is at least 1', `${spread}.maxSkew`, 2, 0, `${spread}.maxSkew`, 'at least 1'],
  [
    'domains are counted when they must be',
    spread,
    { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', minDomains: 2 },
    { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', minDomains: 2 },
    `${spread}.whenUnsatisfiable`,
    'allowed: DoNotSchedule',
  ],
  [
    'a key is matched once',
    `${spread}.matchLabelKeys`,
    ['pod-template-hash'],
    ['app'],
    `${spread}.matchLabelKeys[0]`,
    'in the labelSelector too',
  ],
]);
