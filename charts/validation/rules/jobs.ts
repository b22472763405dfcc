import { below, quoted, type Report } from '../finding.js';
import { field, isObject, listOf, numberOf, textOf } from '../json.js';
import { dnsLabel, qualifiedName } from '../names.js';
import { type CheckContext, expectName, expectOneOf, expectRange, expectText, type Rule } from '../rule.js';
import { cronProblem } from './cron-schedule.js';
import { checkLabelsAndAnnotations } from './metadata.js';
import { checkPodTemplate } from './pod.js';

const COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
];

/** Job names end up in pod labels, so they are no longer than those. */
const LABEL_LENGTH = 63;

/** The controller appends `-` and ten digits to a CronJob's name for each Job. */
const CRON_JOB_NAME_LENGTH = 52;

/** Source: pkg/apis/batch/validation/validation.go, ValidateJob */
export const job: Rule = ({ manifest, version, report }) => {
  const spec = field(manifest, 'spec');
  if (!isObject(spec)) return report('spec', 'is required');
  const name = textOf(field(manifest, 'metadata'), 'name') ?? '';
  if (name.length > LABEL_LENGTH)
    report(
      'metadata.name',
      `${quoted(name)} has ${name.length} characters, at most ${LABEL_LENGTH} are allowed: the pods carry it as a label`,
    );
  if (spec['manualSelector'] !== true && spec['selector'] !== undefined)
    report('spec.selector', 'is made by the server; leave it out');
  checkJobSpec({ report, version }, spec, 'spec');
  const completions = numberOf(spec, 'completions') ?? 0;
  // Each pod of an indexed Job has the Job's name and its index as host name.
  const lastHost = `${name}-${completions - 1}`;
  if (spec['completionMode'] === 'Indexed' && completions > 0 && dnsLabel(lastHost) !== undefined) {
    report(
      'metadata.name',
      `${quoted(name)} gives pods the host name ${quoted(lastHost)}, which is no DNS label; use a shorter name without dots`,
    );
  }
};

/** Source: pkg/apis/batch/validation/validation.go, validateCronJobSpec and ValidateCronJobCreate */
export const cronJob: Rule = ({ manifest, version, report }) => {
  const spec = field(manifest, 'spec');
  if (!isObject(spec)) return report('spec', 'is required');
  const name = textOf(field(manifest, 'metadata'), 'name') ?? '';
  if (name.length > CRON_JOB_NAME_LENGTH)
    report(
      'metadata.name',
      `${quoted(name)} has ${name.length} characters, at most ${CRON_JOB_NAME_LENGTH} are allowed: each Job gets 11 more`,
    );
  const schedule = textOf(spec, 'schedule');
  expectText(report, 'spec.schedule', schedule);
  const problem = schedule === undefined || schedule === '' ? undefined : cronProblem(schedule);
  if (problem !== undefined) report('spec.schedule', `${quoted(schedule)} ${problem}`);
  checkTimeZone(report, textOf(spec, 'timeZone'));
  for (const count of ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'])
    expectRange(report, `spec.${count}`, spec[count], 0);
  const template = spec['jobTemplate'];
  checkLabelsAndAnnotations(report, 'spec.jobTemplate.metadata', field(template, 'metadata'));
  const jobSpec = field(template, 'spec');
  if (!isObject(jobSpec)) return report('spec.jobTemplate.spec', 'is required');
  if (jobSpec['selector'] !== undefined)
    report('spec.jobTemplate.spec.selector', 'is made by the server; leave it out');
  if (jobSpec['manualSelector'] === true)
    report('spec.jobTemplate.spec.manualSelector', 'must not be true in a CronJob');
  checkJobSpec({ report, version }, jobSpec, 'spec.jobTemplate.spec');
};

/**
 * A zone of the IANA database, as far as this runtime's copy of it goes.
 * Source: validation.go, validateTimeZone
 */
function checkTimeZone(report: Report, zone: string | undefined): void {
  if (zone === undefined) return;
  const isName = zone.split('/').every((part) => /^[A-Za-z][A-Za-z0-9+_-]{0,39}$/.test(part));
  if (!isName || !isKnownZone(zone))
    report('spec.timeZone', `${quoted(zone)} is no time zone such as Europe/Berlin or Etc/UTC`);
}

function isKnownZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function checkJobSpec(context: CheckContext, spec: Readonly<Record<string, unknown>>, path: string): void {
  const { report } = context;
  for (const count of COUNTS) expectRange(report, `${path}.${count}`, spec[count], 0);
  const pods = field(spec['template'], 'spec');
  checkPodTemplate(context, spec['template'], `${path}.template`);
  const policy = textOf(pods, 'restartPolicy') ?? '';
  if (policy !== 'Never' && policy !== 'OnFailure') {
    report(
      `${path}.template.spec.restartPolicy`,
      `${policy === '' ? 'is Always when left out, which' : quoted(policy)} is not allowed in a Job; set Never or OnFailure`,
    );
  }
  checkIndexed(report, spec, path);
  checkFailurePolicy(report, spec, pods, path, policy);
}

function checkIndexed(report: Report, spec: Readonly<Record<string, unknown>>, path: string): void {
  const completions = numberOf(spec, 'completions');
  const mostFailed = numberOf(spec, 'maxFailedIndexes');
  if (spec['completionMode'] === 'Indexed') {
    if (completions === undefined) report(`${path}.completions`, 'is required with completionMode Indexed');
    expectRange(report, `${path}.parallelism`, spec['parallelism'], 0, 100_000);
    if (mostFailed !== undefined)
      expectRange(report, `${path}.maxFailedIndexes`, mostFailed, 0, Math.min(completions ?? 100_000, 100_000));
  } else {
    for (const name of ['backoffLimitPerIndex', 'maxFailedIndexes', 'successPolicy']) {
      if (spec[name] !== undefined) report(`${path}.${name}`, 'needs completionMode Indexed');
    }
  }
  if (mostFailed !== undefined && spec['backoffLimitPerIndex'] === undefined)
    report(`${path}.backoffLimitPerIndex`, 'is required beside maxFailedIndexes');
}

/** Source: validation.go, validatePodFailurePolicy */
function checkFailurePolicy(
  report: Report,
  spec: Readonly<Record<string, unknown>>,
  pods: unknown,
  path: string,
  restartPolicy: string,
): void {
  const policy = spec['podFailurePolicy'];
  if (!isObject(policy)) return;
  if (restartPolicy === 'OnFailure')
    report(`${path}.template.spec.restartPolicy`, 'must be Never when there is a podFailurePolicy');
  expectOneOf(report, `${path}.podReplacementPolicy`, spec['podReplacementPolicy'], ['Failed']);
  const names = [...listOf(pods, 'containers'), ...listOf(pods, 'initContainers')].map((container) =>
    textOf(container, 'name'),
  );
  const rules = listOf(policy, 'rules');
  if (rules.length > 20) report(`${path}.podFailurePolicy.rules`, `has ${rules.length} rules, at most 20 are allowed`);
  for (const [index, rule] of rules.entries()) {
    const at = below(`${path}.podFailurePolicy.rules`, index);
    const conditions = listOf(rule, 'onPodConditions');
    const exitCodes = field(rule, 'onExitCodes');
    if ((exitCodes === undefined) === (conditions.length === 0))
      report(at, 'must have exactly one of onExitCodes, onPodConditions');
    if (textOf(rule, 'action') === 'FailIndex' && spec['backoffLimitPerIndex'] === undefined)
      report(`${at}.action`, 'FailIndex needs backoffLimitPerIndex');
    for (const [position, condition] of conditions.entries()) {
      const place = below(`${at}.onPodConditions`, position);
      expectName(report, `${place}.type`, field(condition, 'type'), qualifiedName);
      expectOneOf(report, `${place}.status`, field(condition, 'status'), ['True', 'False', 'Unknown']);
    }
    if (exitCodes !== undefined) checkExitCodes(report, exitCodes, names, `${at}.onExitCodes`);
  }
}

function checkExitCodes(
  report: Report,
  requirement: unknown,
  names: readonly (string | undefined)[],
  path: string,
): void {
  const container = textOf(requirement, 'containerName');
  if (container !== undefined && !names.includes(container))
    report(`${path}.containerName`, `${quoted(container)} is no container of the pod`);
  const values = listOf(requirement, 'values');
  if (values.length === 0 || values.length > 255)
    report(`${path}.values`, `has ${values.length} values, 1 to 255 are allowed`);
  values.forEach((value, index) => {
    const previous = values[index - 1];
    if (value === 0 && textOf(requirement, 'operator') === 'In')
      report(below(`${path}.values`, index), '0 is no failure, In does not take it');
    if (index > 0 && Number(previous) >= Number(value))
      report(below(`${path}.values`, index), 'the values must rise, none twice');
  });
}
