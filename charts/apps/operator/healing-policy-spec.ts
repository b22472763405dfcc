import { flag, list, object, percent, podsOrPercent, type StructuralSchema, text, whole } from './structural-schema.js';

const DAY = 86_400;
const WEEK = 7 * DAY;

/** Why pods are replaced, in the order in which the operator looks for it. */
export const CAUSES = [
  'UnhealthyNode',
  'OutOfMemory',
  'EssentialContainerExited',
  'CrashLoop',
  'ImageCannotBePulled',
  'CannotBeConfigured',
  'Unhealthy',
  'Drift',
  'Exec',
  'MaximumAge',
] as const;

const LABEL_NAME = '[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?';
const LABEL_PREFIX = '[a-z0-9]([-a-z0-9.]*[a-z0-9])?';
const LABEL_KEY = `^(${LABEL_PREFIX}/)?${LABEL_NAME}$`;
const LABEL_VALUE = `^(${LABEL_NAME})?$`;

const labelValue = text('A label value.', { maxLength: 63, pattern: LABEL_VALUE });

const selector = object(
  'Which pods of this namespace are healed, by their labels. It must not be empty: a policy never selects all pods by accident. A pod that two policies select is touched by neither.',
  {
    matchLabels: {
      type: 'object',
      description: 'Labels that a pod must have, all of them.',
      maxProperties: 32,
      additionalProperties: labelValue,
      'x-kubernetes-validations': [
        {
          rule: `self.all(key, size(key) <= 317 && key.matches('${LABEL_KEY}'))`,
          message: 'keys must be label keys, as app.kubernetes.io/name',
        },
      ],
    },
    matchExpressions: list(
      'Requirements on labels, all of which must hold.',
      object(
        'A requirement on one label.',
        {
          key: text('The label key.', { minLength: 1, maxLength: 317, pattern: LABEL_KEY }),
          operator: text('How the label relates to the values.', { enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'] }),
          values: list('At least one value for In and NotIn; none for Exists and DoesNotExist.', labelValue, 64),
        },
        {
          required: ['key', 'operator'],
          rules: [
            {
              rule: "!(self.operator in ['In', 'NotIn']) || (has(self.values) && size(self.values) > 0)",
              message: 'operator In or NotIn needs at least one value in values',
            },
            {
              rule: "!(self.operator in ['Exists', 'DoesNotExist']) || !has(self.values) || size(self.values) == 0",
              message: 'operator Exists or DoesNotExist must have no values',
            },
          ],
        },
      ),
      16,
    ),
  },
  {
    rules: [
      {
        rule: '(has(self.matchLabels) && size(self.matchLabels) > 0) || (has(self.matchExpressions) && size(self.matchExpressions) > 0)',
        message: 'must not be empty: name at least one label in matchLabels or matchExpressions',
      },
    ],
  },
);

const enabled = (byDefault: boolean): StructuralSchema => flag('Whether pods are replaced for this.', byDefault);

const causes = object(
  'What counts as a failure. Each cause can be switched off. drift, exec and maximumAge replace pods that work, and so only within budget.maxUnavailable.',
  {
    essentialContainerExit: object(
      'A container that the annotation tranship.dev/essential names has ended; without the annotation, any regular container. As on ECS, the whole pod is replaced.',
      { enabled: enabled(true) },
      { default: {} },
    ),
    unhealthy: object(
      'The pod has not been Ready for some time after it was, or fails its liveness probe.',
      {
        enabled: enabled(true),
        afterSeconds: whole('Seconds for which it must have been unhealthy.', {
          minimum: 0,
          maximum: DAY,
          default: 60,
        }),
        startFirst: flag('Start the replacement before the unhealthy pod is stopped.', true),
      },
      { default: {} },
    ),
    outOfMemory: object('A container was killed for its use of memory.', { enabled: enabled(true) }, { default: {} }),
    crashLoop: object(
      'Restart intensity: more than maxRestarts replacements of one workload revision within periodSeconds end the healing of that revision, because further ones make it worse. A new revision begins anew.',
      {
        enabled: flag('Whether healing ends so.', true),
        maxRestarts: whole('Replacements within the period that are still allowed.', {
          minimum: 1,
          maximum: 200,
          default: 5,
        }),
        periodSeconds: whole('Length of the period in seconds.', { minimum: 10, maximum: DAY, default: 600 }),
      },
      { default: {} },
    ),
    drift: object(
      "Image, command or environment of the pod differ from its owner's template, because somebody edited the pod.",
      { enabled: enabled(true) },
      { default: {} },
    ),
    exec: object(
      'Somebody ran kubectl exec, attach or debug in the pod: it may no longer be what its image says.',
      {
        enabled: enabled(false),
        afterSeconds: whole('Seconds from the first such command until the pod is replaced.', {
          minimum: 0,
          maximum: WEEK,
          default: 3600,
        }),
      },
      { default: {} },
    ),
    unhealthyNode: object(
      "The pod's node is not Ready.",
      {
        enabled: enabled(true),
        afterSeconds: whole('Seconds for which the node must have been so.', {
          minimum: 10,
          maximum: DAY,
          default: 60,
        }),
      },
      { default: {} },
    ),
    maximumAge: object(
      'Replaces pods that are older. Absent: pods may get as old as they like.',
      { seconds: whole('The age in seconds, at least five minutes.', { minimum: 300 }) },
      { required: ['seconds'] },
    ),
    cannotStart: object(
      'The image cannot be pulled or the configuration cannot be applied. What may pass is tried on another node; what cannot, such as an image name that is no name, is only reported.',
      {
        enabled: enabled(true),
        afterSeconds: whole('Seconds for which it must have been so.', { minimum: 10, maximum: DAY, default: 300 }),
      },
      { default: {} },
    ),
  },
  { default: {} },
);

const NOTHING = 'must be at least 1 or 1%; to stop all healing set spec.paused';

const budget = object(
  'One budget for all causes. Percentages are of the pods that the owners want, not of those that are there.',
  {
    maxUnavailable: podsOrPercent(
      'Pods that are unavailable, for whatever reason, plus those that the operator makes unavailable: working pods are only replaced while it is not exceeded. A number, or a share that is rounded down, at least 1.',
      '25%',
      NOTHING,
    ),
    maxReplacements: podsOrPercent(
      'Replacements under way at a time, from the call until the new pod is Ready. A number, or a share that is rounded up.',
      '25%',
      NOTHING,
    ),
  },
  { default: {} },
);

const stormGuard = object(
  'Stops all healing while so much is wrong that the pods are not the cause.',
  {
    maxUnhealthy: podsOrPercent(
      'Hold while more than this many of the selected pods are unhealthy. A number, or a share that is rounded up: 2 of 3 at 50%.',
      '50%',
      'must be at least 1 or 1%: less would hold at the first failure',
    ),
    minimumPods: whole('With fewer pods than this a share says nothing, and the guard is off.', {
      minimum: 1,
      maximum: 100_000,
      default: 3,
    }),
    zoneUnhealthy: percent('Hold in a zone where more than this share of the nodes is not Ready.', '55%'),
  },
  { default: {} },
);

const throttle = object(
  'Delay between replacements of one workload whose new pods fail as well, as ECS throttles a service. A new template resets it.',
  {
    initialSeconds: whole('Seconds before the second one.', { minimum: 1, maximum: DAY, default: 10 }),
    maximumSeconds: whole('The delay doubles up to this many seconds.', { minimum: 1, maximum: DAY, default: 1620 }),
    resetAfterSeconds: whole('When pods were healthy for so many seconds, failures are forgotten.', {
      minimum: 1,
      maximum: WEEK,
      default: 600,
    }),
  },
  {
    default: {},
    rules: [
      {
        rule: '!has(self.initialSeconds) || !has(self.maximumSeconds) || self.initialSeconds <= self.maximumSeconds',
        message: 'initialSeconds must not exceed maximumSeconds, which is 1620 unless it is set',
      },
    ],
  },
);

const quarantine = object(
  'Keeps failed pods for a look at them: out of their Service and of their owner, which starts another, and still on their node.',
  {
    causes: {
      ...list('For which causes; none when empty.', text('A cause.', { enum: CAUSES }), CAUSES.length),
      'x-kubernetes-list-type': 'set',
    },
    keepSeconds: whole('Seconds for which a pod is kept.', { minimum: 60, maximum: WEEK, default: 3600 }),
    maxPods: whole('Pods kept at a time; further ones are replaced without.', {
      minimum: 0,
      maximum: 100,
      default: 1,
    }),
  },
  { default: {} },
);

const memory = object(
  'Lets a replacement avoid the node that failed its predecessor, as a preference that the scheduler weighs.',
  {
    avoidNodeSeconds: whole('Seconds for which a node is avoided; 0 remembers nothing.', {
      minimum: 0,
      maximum: DAY,
      default: 1800,
    }),
  },
  { default: {} },
);

const failedPods = object(
  'What becomes of pods in phase Failed that their owner left behind.',
  {
    keep: whole('How many of the newest stay for a look.', { minimum: 0, maximum: 100, default: 1 }),
    keepSeconds: whole('For how many seconds.', { minimum: 0, maximum: WEEK, default: 3600 }),
  },
  { default: {} },
);

/** The schema of `spec`. It says to the API server what `HealingPolicySpec` says to the operator; a test compares the two. */
export const HEALING_POLICY_SPEC: StructuralSchema = object(
  'What is healed, for which causes, and how much at a time.',
  {
    selector,
    mode: text('Enforce acts. DryRun decides and explains, and replaces no pod.', {
      enum: ['Enforce', 'DryRun'],
      default: 'Enforce',
    }),
    paused: flag('Do nothing until it is false again; what would be done is still shown in status.', false),
    causes,
    budget,
    stormGuard,
    throttle,
    quarantine,
    memory,
    failedPods,
  },
  { required: ['selector'] },
);
