import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseExpression } from '../../../charts/ecs/query-language/parse.js';
import { type AffinityResult, expressionToAffinity, type ServiceLabels } from '../../../charts/port/affinity.js';
import { INSTANCE_FAMILIES } from '../../../charts/port/placement/instance-families.js';
import { DEFAULT_LABEL_PREFIX, labelValue, nodeLabels } from '../../../charts/port/placement/node-label.js';
import { type ContainerInstance, ecsAllows, kubernetesAllows } from './placement-semantics.js';

const FAMILY = 'karpenter.k8s.aws/instance-family';
const CATEGORY = 'karpenter.k8s.aws/instance-category';
const SIZE = 'karpenter.k8s.aws/instance-size';
const TYPE = 'node.kubernetes.io/instance-type';
const ZONE = 'topology.kubernetes.io/zone';

const serviceLabels: ServiceLabels = (name) =>
  name === 'unknown' ? undefined : { 'app.kubernetes.io/name': name.toLowerCase() };

function affinity(...texts: readonly string[]): AffinityResult {
  return expressionToAffinity(texts.map(parseExpression), { serviceLabels });
}

/** The terms as short text: requirements joined by ` & `. */
function terms(...texts: readonly string[]): readonly string[] | undefined {
  return affinity(...texts).nodeAffinity?.map((term) =>
    (term.matchExpressions ?? [])
      .map(({ key, operator, values }) =>
        [key, operator, ...(values === undefined ? [] : [values.join(',')])].join(' '),
      )
      .join(' & '),
  );
}

describe('attributes with a label of Kubernetes', () => {
  it.each<[string, readonly string[]]>([
    ['attribute:ecs.instance-type == t2.small', [`${TYPE} In t2.small`]],
    ['attribute:ecs.availability-zone in [us-east-1a, us-east-1b]', [`${ZONE} In us-east-1a,us-east-1b`]],
    ['attribute:ecs.cpu-architecture == x86_64', ['kubernetes.io/arch In amd64']],
    ['attribute:ecs.cpu-architecture != arm64', ['kubernetes.io/arch NotIn arm64']],
    ['attribute:ecs.os-type == linux', ['kubernetes.io/os In linux']],
    ['attribute:ecs.os-family == LINUX', ['kubernetes.io/os In linux']],
    ['attribute:ecs.os-family =~ WINDOWS_SERVER_2022_.*', ['node.kubernetes.io/windows-build In 10.0.20348']],
  ])('%s becomes %j', (text, expected) => {
    expect(terms(text)).toEqual(expected);
  });

  it('keeps the documented compound expression: G2 instances outside one zone', () => {
    const text = 'attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d';
    expect(terms(text)).toEqual([`${FAMILY} In g2 & ${ZONE} Exists & ${ZONE} NotIn us-east-1d`]);
  });

  it('says that nodes do not tell the Core edition of Windows from the Full one', () => {
    expect(affinity('attribute:ecs.os-family == WINDOWS_SERVER_2019_CORE').notes[0]?.fidelity).toBe('near');
    expect(affinity('attribute:ecs.os-family in [LINUX]').notes[0]?.fidelity).toBe('same');
  });

  it('never takes amd64 for the x86_64 of ECS', () => {
    expect(affinity('attribute:ecs.cpu-architecture == amd64').refusals[0]?.reason).toContain('no node can meet');
  });
});

describe('custom attributes', () => {
  it('become labels that the node groups have to carry', () => {
    const result = affinity('attribute:stack == prod');
    expect(result.nodeAffinity).toEqual([
      { matchExpressions: [{ key: 'ecs.tranship.dev/stack', operator: 'In', values: ['prod'] }] },
    ]);
    expect(result.nodeLabels).toEqual([
      { key: 'ecs.tranship.dev/stack', value: 'prod', why: expect.stringContaining('attribute:stack == prod') },
    ]);
    expect(result.notes[0]?.fidelity).toBe('needs-addon');
  });

  it('take another prefix when asked', () => {
    const options = { serviceLabels, labelPrefix: 'nodes.example.com' };
    const result = expressionToAffinity([parseExpression('attribute:stack exists')], options);
    expect(result.nodeLabels.map(({ key }) => key)).toEqual(['nodes.example.com/stack']);
  });

  it.each([
    ['attribute:rack > 7', 'Gt 7'],
    ['attribute:rack >= 7', 'Gt 6'],
    ['attribute:rack < 7', 'Lt 7'],
    ['attribute:rack <= 7', 'Lt 8'],
    ['attribute:rack >= 0', 'Exists'],
    ['attribute:rack > -1', 'Exists'],
  ])('%s becomes %s', (text, expected) => {
    expect(terms(text)).toEqual([`ecs.tranship.dev/rack ${expected}`]);
  });

  it.each(['attribute:rack >= 1.5', 'attribute:rack > b', 'attribute:rack < 99999999999999999999'])(
    'refuses %s, because labels are ordered as integers only',
    (text) => {
      const { refusals, nodeAffinity } = affinity(text);
      expect(refusals).toEqual([expect.objectContaining({ index: 0, column: 0 })]);
      expect(refusals[0]?.reason).toContain('integers');
      expect(nodeAffinity).toBeUndefined();
    },
  );

  it('with != do not take nodes that lack the attribute, as ECS does not', () => {
    expect(terms('attribute:retiring != true')).toEqual([
      'ecs.tranship.dev/retiring Exists & ecs.tranship.dev/retiring NotIn true',
    ]);
  });

  it('with not(==) take nodes that lack the attribute, as ECS does', () => {
    expect(terms('not(attribute:retiring == true)')).toEqual(['ecs.tranship.dev/retiring NotIn true']);
    expect(terms('not(attribute:retiring != true)')).toEqual([
      'ecs.tranship.dev/retiring DoesNotExist',
      'ecs.tranship.dev/retiring In true',
    ]);
  });

  it('get label names and values that are valid, and stay different when the attributes were', () => {
    const valid = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
    fc.assert(
      fc.property(fc.string({ maxLength: 130 }), fc.string({ maxLength: 130 }), (a, b) => {
        expect(labelValue(a)).toMatch(valid);
        expect(labelValue(a) === labelValue(b)).toBe(a === b);
      }),
    );
    expect(labelValue('team a/b')).not.toBe(labelValue('team a:b'));
    expect(labelValue(`${'x'.repeat(70)}1`)).not.toBe(labelValue(`${'x'.repeat(70)}2`));
    expect(terms("attribute:example.com/disk == 'fast one'")?.[0]).toMatch(
      /^ecs\.tranship\.dev\/example\.com_disk-[0-9a-f]{8} In fast_one-[0-9a-f]{8}$/,
    );
  });
});

describe('patterns of instance types', () => {
  it.each<[string, readonly string[]]>([
    ['g2.*', [`${FAMILY} In g2`]],
    ['m5\\..*', [`${FAMILY} In m5`]],
    ['^c5\\..+$', [`${FAMILY} In c5`]],
    ['t3.*', [`${FAMILY} In t3,t3a`]],
    ['g4.*', [`${FAMILY} In g4ad,g4dn`]],
    ['(t2|t3)\\.micro', [`${TYPE} In t2.micro,t3.micro`]],
    ['t[23]\\.micro', [`${TYPE} In t2.micro,t3.micro`]],
    ['m5.large', [`${TYPE} In m5.large`]],
    ['m5\\.(large|xlarge)|c5\\..*', [`${TYPE} In m5.large,m5.xlarge`, `${FAMILY} In c5`]],
    ['.*\\.micro', [`${SIZE} In micro`]],
    ['t2.*\\.(micro|nano)', [`${FAMILY} In t2 & ${SIZE} In micro,nano`]],
    ['t.*', [`${CATEGORY} In t,trn`]],
    ['zz9.*', [`${FAMILY} In zz9`]],
    ['.*', [`${TYPE} Exists`]],
  ])('%s becomes %j', (pattern, expected) => {
    expect(terms(`attribute:ecs.instance-type =~ ${pattern}`)).toEqual(expected);
  });

  it('ask for labels that only Karpenter sets, and say so', () => {
    const result = affinity('attribute:ecs.instance-type =~ g2.*');
    expect(result.notes[0]?.fidelity).toBe('needs-addon');
    expect(result.nodeLabels).toEqual([{ key: FAMILY, value: 'g2', why: expect.stringContaining('Karpenter') }]);
  });

  it.each([
    ['m5[a-z]+\\.large', 'only .* and .+ may repeat'],
    ['[^t].*', '[^'],
    ['(?i)t2.*', '(?'],
    ['m5.{1,3}', '{'],
    ['.*5.*', 'where the point'],
    ['m5.large.*', 'where the point'],
    ['\\w+', '\\\\w'],
    ['(a|b|c|d|e)(a|b|c|d|e)(a|b|c|d|e)(a|b|c|d|e)\\.large', 'more than 256'],
  ])('%s is refused with the reason %j and a fix', (pattern, reason) => {
    const { refusals, nodeAffinity } = affinity(`agentConnected == true and attribute:ecs.instance-type =~ ${pattern}`);
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toMatchObject({ index: 0, column: 27, fix: expect.stringMatching(/in \[/) });
    expect(refusals[0]?.reason).toContain(reason.replace('\\\\', '\\'));
    expect(nodeAffinity).toBeUndefined();
  });

  it('refuses a wildcard on an attribute whose values are not known', () => {
    expect(affinity('attribute:stack =~ prod.*').refusals[0]?.fix).toBe('list the values with in [...]');
    expect(terms('attribute:stack =~ prod|test')).toEqual(['ecs.tranship.dev/stack In prod,test']);
  });
});

describe('fields of the container instance', () => {
  it('drops what Kubernetes does not choose nodes by, under not as well, with a note', () => {
    for (const text of ['agentVersion >= 1.40.0', 'not(runningTasksCount > 3)', 'not registeredAt < 2018-06-18']) {
      const result = affinity(`${text} and attribute:ecs.os-type == linux`);
      expect(result.notes[0]?.fidelity).toBe('none');
      expect(result.nodeAffinity).toHaveLength(1);
      expect(result.refusals).toEqual([]);
    }
  });

  it('drops what the ECS agent can do, with a note', () => {
    const result = affinity('attribute:ecs.capability.task-eia exists');
    expect([result.nodeAffinity, result.notes[0]?.fidelity]).toEqual([undefined, 'none']);
  });

  it('takes a connected agent as given', () => {
    expect(affinity('agentConnected == true')).toMatchObject({ refusals: [], notes: [{ fidelity: 'same' }] });
    expect(affinity('agentConnected == false').refusals[0]?.reason).toContain('no node can meet');
  });

  it('pins to an instance by a label that a node has to be given', () => {
    const result = affinity("ec2InstanceId in ['i-0a', 'i-0b']");
    expect(result.nodeLabels.map(({ key, value }) => [key, value])).toEqual([
      ['ecs.tranship.dev/ec2-instance-id', 'i-0a'],
      ['ecs.tranship.dev/ec2-instance-id', 'i-0b'],
    ]);
  });
});

describe('task groups', () => {
  const near = (name: string) => ({
    labelSelector: { matchLabels: { 'app.kubernetes.io/name': name } },
    topologyKey: 'kubernetes.io/hostname',
  });

  it('become affinity to the pods of the service on the same node', () => {
    expect(affinity('task:group == service:Api').podAffinity).toEqual([near('api')]);
  });

  it('become anti-affinity under not', () => {
    const result = affinity('not(task:group == service:db) and attribute:ecs.os-type == linux');
    expect(result.podAntiAffinity).toEqual([near('db')]);
    expect(result.podAffinity).toBeUndefined();
    expect(result.nodeAffinity).toHaveLength(1);
  });

  it('of several services are one term when one of them is enough', () => {
    const joined = {
      labelSelector: { matchExpressions: [{ key: 'app.kubernetes.io/name', operator: 'In', values: ['a', 'b'] }] },
      topologyKey: 'kubernetes.io/hostname',
    };
    expect(affinity('task:group == service:a or task:group == service:b').podAffinity).toEqual([joined]);
    expect(affinity('task:group in [service:a, service:b]').podAffinity).toEqual([joined]);
  });

  it('of several services are several terms when all of them count', () => {
    expect(affinity('task:group == service:a', 'task:group == service:b').podAffinity).toEqual([near('a'), near('b')]);
    const apart = ['not(task:group == service:a)', 'not(task:group == service:b)'];
    expect(affinity(...apart).podAntiAffinity).toEqual([near('a'), near('b')]);
  });

  it('may stand beside an or that does not concern them', () => {
    const result = affinity(
      'task:group == service:a and (attribute:ecs.os-type == linux or attribute:stack == x) and agentConnected == true',
    );
    expect(result.podAffinity).toEqual([near('a')]);
    expect(result.nodeAffinity).toHaveLength(2);
  });

  it.each([
    ['attribute:stack == x or task:group == service:a', 24],
    ['not(attribute:stack == x and task:group == service:a)', 29],
    ['not(task:group == service:a) or not(task:group == service:b)', 4],
  ])('are refused as an alternative: %s', (text, column) => {
    const result = affinity(text);
    expect(result.refusals).toEqual([expect.objectContaining({ column })]);
    expect([result.podAffinity, result.podAntiAffinity]).toEqual([undefined, undefined]);
  });

  it('that are no service ask for a label on the pods of the group', () => {
    const result = affinity('not(task:group == database)');
    expect(result.podAntiAffinity?.[0]?.labelSelector).toEqual({
      matchLabels: { 'ecs.tranship.dev/task-group': 'database' },
    });
    expect(result.notes[0]?.fidelity).toBe('needs-addon');
  });

  it('of a service outside the input are found by its name, with a note', () => {
    const result = affinity('task:group == service:unknown');
    expect(result.podAffinity).toEqual([near('unknown')]);
    expect(result.notes[0]?.text).toContain('not in the input');
  });

  it.each(['task:group exists', 'task:group =~ service:.*', 'task:group > a'])('refuse %s', (text) => {
    expect(affinity(text).refusals).toHaveLength(1);
  });
});

describe('several constraints', () => {
  it('all have to hold', () => {
    expect(
      terms('attribute:ecs.os-type == linux', 'attribute:ecs.availability-zone == a or attribute:stack == x'),
    ).toEqual([`kubernetes.io/os In linux & ${ZONE} In a`, 'kubernetes.io/os In linux & ecs.tranship.dev/stack In x']);
  });

  it('that contradict each other are refused, and the first one stays', () => {
    const texts = ['attribute:ecs.availability-zone == a', 'attribute:ecs.availability-zone == b'];
    expect(affinity(...texts).refusals).toEqual([expect.objectContaining({ index: 1, column: 0 })]);
    expect(terms(...texts)).toEqual([`${ZONE} In a`]);
  });

  it('that need too many terms are refused', () => {
    const either = (key: number) => `(attribute:a${key} == x or attribute:b${key} exists)`;
    const product = (size: number) => Array.from({ length: size }, (_, key) => either(key)).join(' and ');
    expect(affinity(product(6)).nodeAffinity).toHaveLength(64);
    expect(affinity(product(7)).refusals[0]?.reason).toContain('more than 64');
    expect(affinity(product(7)).nodeAffinity).toBeUndefined();
  });

  it('stay cheap when they are made to explode', () => {
    const text = Array.from({ length: 33 }, (_, key) => `(attribute:a${key} exists or attribute:b${key} == 1)`).join(
      '&&',
    );
    expect(affinity(`not(not(${text}))`).refusals).toHaveLength(1);
  });

  it('without any expression ask for nothing', () => {
    expect(affinity()).toEqual({ notes: [], refusals: [], nodeLabels: [] });
  });
});

describe('the law', () => {
  const TYPES = [
    't2.micro',
    't2.small',
    't3.micro',
    't3a.micro',
    'm5.large',
    'm5a.large',
    'trn1.2xlarge',
    'g4dn.xlarge',
  ];
  const PATTERNS = [
    't2.*',
    't.*',
    'm5.*',
    'm5\\..*',
    '(t2|t3)\\.micro',
    '.*\\.micro',
    't3.?.*\\.micro',
    'm5.large',
    '.*',
  ];
  const comparisons = [
    ...TYPES.map((type) => `attribute:ecs.instance-type == ${type}`),
    'attribute:ecs.instance-type != t2.micro',
    'attribute:ecs.instance-type !in [t2.micro, m5.large]',
    'attribute:ecs.instance-type exists',
    ...PATTERNS.flatMap((pattern) =>
      ['=~', '!~'].map((matches) => `attribute:ecs.instance-type ${matches} ${pattern}`),
    ),
    ...['== a', '!= a', 'in [a, b]', '!in [a, b]', 'exists', '!exists', '=~ [ab]', '!~ a|b', '=~ .*', '!~ .+'].map(
      (rest) => `attribute:stack ${rest}`,
    ),
    ...['> 1', '>= 1', '< 2', '<= 2', '== 2', '>= 0', '< 0', '!= 1'].map((rest) => `attribute:rack ${rest}`),
    ...["== 'x y'", "!= 'x:y'", "in ['x y', x_y]", '!exists'].map((rest) => `attribute:odd/name ${rest}`),
    ...['== x86_64', '!= arm64', '!in [x86_64, amd64]', 'exists', '== amd64'].map(
      (rest) => `attribute:ecs.cpu-architecture ${rest}`,
    ),
    ...['== linux', '!= linux'].map((rest) => `attribute:ecs.os-type ${rest}`),
    ...['== LINUX', '!= LINUX', '=~ WINDOWS.*', '!in [WINDOWS_SERVER_2019_CORE, WINDOWS_SERVER_2019_FULL]'].map(
      (rest) => `attribute:ecs.os-family ${rest}`,
    ),
  ];

  const { text } = fc.letrec<{ text: string; leaf: string; group: string; joined: string; negated: string }>((tie) => ({
    text: fc.oneof({ maxDepth: 4, withCrossShrink: true }, tie('leaf'), tie('joined'), tie('negated')),
    leaf: fc.constantFrom(...comparisons),
    group: tie('text').map((inner) => `(${inner})`),
    joined: fc
      .tuple(fc.constantFrom(' and ', ' or ', '&&', ' || '), fc.array(tie('group'), { minLength: 2, maxLength: 3 }))
      .map(([connective, parts]) => parts.join(connective)),
    negated: fc.tuple(fc.constantFrom('not ', '!'), tie('group')).map(([not, inner]) => `${not}${inner}`),
  }));

  const optional = (values: readonly string[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
  const instance = fc
    .record({
      type: optional(TYPES),
      stack: optional(['a', 'b', 'c']),
      rack: optional(['0', '1', '2', '3']),
      odd: optional(['x y', 'x:y', 'x_y']),
      architecture: fc.constantFrom('x86_64', 'arm64'),
      family: fc.constantFrom('LINUX', 'WINDOWS_SERVER_2019_CORE', 'WINDOWS_SERVER_2022_FULL'),
    })
    .map(({ type, stack, rack, odd, architecture, family }): ContainerInstance => {
      const attributes = new Map<string, string>();
      if (type !== undefined) attributes.set('ecs.instance-type', type);
      if (stack !== undefined) attributes.set('stack', stack);
      if (rack !== undefined) attributes.set('rack', rack);
      if (odd !== undefined) attributes.set('odd/name', odd);
      attributes.set('ecs.cpu-architecture', architecture);
      attributes.set('ecs.os-type', family === 'LINUX' ? 'linux' : 'windows');
      attributes.set('ecs.os-family', family);
      return { attributes, taskGroups: new Set() };
    });

  it('allows exactly the nodes that ECS would allow, for any expression and any instance', () => {
    fc.assert(
      fc.property(text, fc.array(instance, { minLength: 1, maxLength: 20 }), (input, instances) => {
        const expression = parseExpression(input);
        const options = { serviceLabels, maximumTerms: 1000 };
        const { nodeAffinity, refusals } = expressionToAffinity([expression], options);
        const answers = instances.map((each) => {
          const labels = nodeLabels(each.attributes, DEFAULT_LABEL_PREFIX);
          return refusals.length === 0 && kubernetesAllows(nodeAffinity, labels);
        });
        expect(answers).toEqual(instances.map((each) => ecsAllows(expression, each)));
      }),
      { numRuns: 1000 },
    );
  });

  it('allows exactly the nodes that ECS would allow when several constraints meet', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 3 }), instance, (inputs, each) => {
        const expressions = inputs.map(parseExpression);
        const { nodeAffinity, refusals } = expressionToAffinity(expressions, { serviceLabels, maximumTerms: 1000 });
        fc.pre(refusals.length === 0);
        const labels = nodeLabels(each.attributes, DEFAULT_LABEL_PREFIX);
        const expected = expressions.every((expression) => ecsAllows(expression, each));
        expect(kubernetesAllows(nodeAffinity, labels)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('allows more nodes than ECS, never fewer, when parts are left out', () => {
    const leftOut = [
      'attribute:stack =~ a.*',
      'attribute:ecs.capability.x == a',
      'attribute:ecs.instance-type =~ .*5.*',
    ];
    const mixed = fc
      .tuple(text, fc.constantFrom(...leftOut), fc.constantFrom('and', 'or'), fc.boolean())
      .map(([kept, dropped, connective, negated]) => `${negated ? 'not ' : ''}((${kept}) ${connective} ${dropped})`);
    fc.assert(
      fc.property(mixed, instance, (input, each) => {
        const expression = parseExpression(input);
        const { nodeAffinity } = expressionToAffinity([expression], { serviceLabels, maximumTerms: 1000 });
        const labels = nodeLabels(each.attributes, DEFAULT_LABEL_PREFIX);
        expect(kubernetesAllows(nodeAffinity, labels) || !ecsAllows(expression, each)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('holds for every prefix pattern of every known instance family', () => {
    const letters = fc
      .constantFrom(...INSTANCE_FAMILIES)
      .chain((family) => fc.integer({ min: 1, max: family.length }).map((length) => family.slice(0, length)));
    const shape = fc.constantFrom('.*', '\\..*', '.+', '.*\\.large', '\\.(large|xlarge)');
    fc.assert(
      fc.property(letters, shape, fc.constantFrom(...INSTANCE_FAMILIES), (prefix, rest, family) => {
        const expression = parseExpression(`attribute:ecs.instance-type =~ ${prefix}${rest}`);
        const { nodeAffinity, refusals } = expressionToAffinity([expression], { serviceLabels });
        fc.pre(refusals.length === 0);
        const attributes = new Map([['ecs.instance-type', `${family}.large`]]);
        const allowed = kubernetesAllows(nodeAffinity, nodeLabels(attributes, DEFAULT_LABEL_PREFIX));
        expect(allowed).toBe(ecsAllows(expression, { attributes, taskGroups: new Set() }));
      }),
      { numRuns: 2000 },
    );
  });
});
