import type { Reader } from '../input.js';
import { alarmReader } from './alarm.js';
import { appSpecReader } from './appspec.js';
import { applicationAutoScalingReader } from './application-auto-scaling.js';
import { cloudFormationReader } from './cloudformation.js';
import { composeReader } from './compose.js';
import { containerDefinitionsReader } from './container-definitions.js';
import { copilotReader } from './copilot.js';
import { eventBridgeReader } from './event-bridge.js';
import { runTaskReader } from './run-task.js';
import { serviceReader } from './service.js';
import { serviceRevisionReader } from './service-revision.js';
import { targetGroupReader } from './target-group.js';
import { taskDefinitionReader } from './task-definition.js';
import { unreadReader } from './unread.js';

/** The forms of ECS input, in the order in which a document is offered to them: the most telling first. */
export const READERS: readonly Reader[] = [
  cloudFormationReader,
  appSpecReader,
  serviceRevisionReader,
  taskDefinitionReader,
  applicationAutoScalingReader,
  eventBridgeReader,
  targetGroupReader,
  alarmReader,
  unreadReader,
  serviceReader,
  runTaskReader,
  copilotReader,
  composeReader,
  containerDefinitionsReader,
];
