import { CAUSES } from './healing-policy-spec.js';
import { list, object, type StructuralSchema, text, time, whole } from './structural-schema.js';

const count = (description: string): StructuralSchema => whole(description, { minimum: 0 });
const cause = text('Why.', { enum: CAUSES });
const workload = text('Kind and name, as Deployment/web.');

/** Reasons are an open set here: a new one must never keep the operator from writing what it remembers. */
const reason = text('Why nothing is done, or not yet, in one word.');

const conditions: StructuralSchema = {
  type: 'array',
  description: 'What holds of the policy: Accepted, and whether healing goes on.',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
  items: object(
    'One condition.',
    {
      type: text('What it is about.'),
      status: text('Whether it holds.', { enum: ['True', 'False', 'Unknown'] }),
      reason: text('Why, in one word.'),
      message: text('Why, in a sentence.'),
      lastTransitionTime: time('When status changed last.'),
      observedGeneration: count('The generation of the policy that this is about.'),
    },
    { required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'] },
  ),
};

const pods = object(
  'The selected pods, counted.',
  {
    selected: count('Pods that the selector matches.'),
    ready: count('Those that are Ready.'),
    unhealthy: count('Those with something wrong.'),
    replacing: count('Replacements under way.'),
  },
  { required: ['selected', 'ready', 'unhealthy', 'replacing'] },
);

const workloads = list(
  'What is remembered of each workload; only workloads of which there is something to remember.',
  object(
    'One workload.',
    {
      workload,
      revision: text('The template hash that this is about; another one begins anew.'),
      failures: count('Replacements in a row whose new pod failed as well.'),
      restarts: list('When pods were replaced within the crash loop period.', time('A moment.')),
      notBefore: time('The next replacement is not before this.'),
      endedAt: time('When healing of this revision ended, because its pods kept failing.'),
      avoidNodes: list(
        'Nodes that new pods should avoid.',
        object('A node.', { node: text('Its name.'), until: time('Until when.') }, { required: ['node', 'until'] }),
      ),
    },
    { required: ['workload', 'revision', 'failures', 'restarts', 'avoidNodes'] },
  ),
);

const replacements = list(
  'The newest replacements, oldest first.',
  object(
    'One replacement: signal, evidence, decision, action, new pod.',
    {
      pod: text('Name of the pod that was replaced.'),
      uid: text('Its uid.'),
      workload,
      revision: text('Its template hash.'),
      node: text('Its node.'),
      cause,
      evidence: text('What was seen, with values.'),
      action: text('What was done.', { enum: ['Evict', 'DeleteFailed', 'Quarantine'] }),
      signalAt: time('When the failure was to be seen first.'),
      decidedAt: time('When it was decided to replace the pod.'),
      actedAt: time('When the API server was asked to.'),
      replacement: text('Name of the new pod.'),
      replacementNode: text('Node of the new pod.'),
      readyAt: time('When the new pod was Ready.'),
      traceId: text('The OpenTelemetry trace of it.'),
    },
    {
      required: ['pod', 'uid', 'workload', 'revision', 'cause', 'evidence', 'action', 'signalAt', 'decidedAt'],
    },
  ),
);

const held = list(
  'Pods that are wrong and are left alone for now.',
  object(
    'One pod.',
    {
      pod: text('Its name.'),
      cause,
      reason,
      message: text('Why, in a sentence.'),
      retryAt: time('When it is worth another look.'),
    },
    { required: ['pod', 'cause', 'reason', 'message'] },
  ),
);

/**
 * The schema of `status`. The lists have no maximum: the operator bounds them, and a status that is refused would cost it
 * its memory.
 */
export const HEALING_POLICY_STATUS: StructuralSchema = object(
  'What the operator sees, does and remembers. Written by the operator alone.',
  {
    observedGeneration: count('The generation of the policy that this is about.'),
    conditions,
    pods,
    workloads,
    replacements,
    held,
  },
);
