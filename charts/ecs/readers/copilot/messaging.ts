import { at, itemsOf, textOf } from '../derived/nodes.js';
import type { Manifest } from './manifest.js';

/** Marks `publish` and `subscribe`: topics and queues are resources of the account and not of the task. */
export function markMessaging(manifest: Manifest): void {
  const { coverage } = manifest;
  const publish = manifest.get('publish');
  const subscribe = manifest.get('subscribe');
  coverage.none(
    publish,
    "the SNS topic is part of Copilot's stack, and so is the variable COPILOT_SNS_TOPIC_ARNS that names it",
    'keep the topic outside the cluster, let the task role publish to it, and set the variable under variables',
  );
  for (const topic of itemsOf(at(subscribe, 'topics'))) {
    const queue = at(topic, 'queue');
    coverage.none(
      queue,
      "the topic's own queue is part of Copilot's stack, and so is its entry in COPILOT_TOPIC_QUEUE_URIS",
      'keep the queue outside the cluster and set the variable under variables',
    );
  }
  coverage.none(
    subscribe,
    "the SQS queue and its subscription are part of Copilot's stack, and so is the variable COPILOT_QUEUE_URI",
    'keep the queue outside the cluster, let the task role receive from it, and set the variable under variables',
  );
}

/** The variables that Copilot adds to every container of this workload and that a pod does not have. */
export function vanishingVariables(manifest: Manifest): readonly string[] {
  const names = [
    'COPILOT_APPLICATION_NAME',
    'COPILOT_ENVIRONMENT_NAME',
    'COPILOT_SERVICE_NAME',
    'COPILOT_SERVICE_DISCOVERY_ENDPOINT',
  ];
  if (manifest.type === 'Load Balanced Web Service' || manifest.get('http') !== undefined) names.push('COPILOT_LB_DNS');
  if (manifest.get('publish', 'topics') !== undefined) names.push('COPILOT_SNS_TOPIC_ARNS');
  if (manifest.type === 'Worker Service') names.push('COPILOT_QUEUE_URI');
  if (itemsOf(manifest.get('subscribe', 'topics')).some((topic) => at(topic, 'queue') !== undefined))
    names.push('COPILOT_TOPIC_QUEUE_URIS');
  if (manifest.get('storage', 'volumes') !== undefined) names.push('COPILOT_MOUNT_POINTS');
  return names;
}

/** Notes what Copilot adds without being told: variables, and a task role with the permissions of the addons. */
export function noteAdditions(manifest: Manifest): void {
  manifest.say(
    'note',
    'copilot-variables',
    manifest.root,
    `Copilot sets ${vanishingVariables(manifest).join(', ')} in every container; pods do not have them`,
    undefined,
    'set those that the program reads under variables',
  );
  const role = `taskRole.${manifest.name}`;
  if (manifest.options.parameters.get(role) === undefined) {
    manifest.say(
      'note',
      'copilot-task-role',
      manifest.root,
      `Copilot makes a task role for ${textOf(manifest.get('name')) ?? manifest.name}, which the manifest does not name`,
      undefined,
      `pass --parameter ${role}=ARN so that the pods keep its permissions`,
    );
  }
}
