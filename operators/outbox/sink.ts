import type { OutboxMessage } from './message.js';

/** A place outside the cluster to which decisions are told. */
export interface Sink {
  /** In logs and metrics. @example `eventbridge` */
  readonly name: string;
  /**
   * Delivers at most ten messages.
   *
   * @returns those that were not taken; they may be sent again
   * @throws the request as a whole failed; nothing is known to be delivered
   */
  deliver(messages: readonly OutboxMessage[], signal: AbortSignal): Promise<readonly Refusal[]>;
}

/** A message that a sink did not take. */
export interface Refusal {
  readonly message: OutboxMessage;
  /** The service's word. @example `ThrottlingException` */
  readonly code: string;
  /** Whether the same message can never be taken, so that it must not keep the others waiting. */
  readonly final: boolean;
}

/** Of both services: more in one request is an error. */
export const MOST_PER_REQUEST = 10;

/** The source of all events; `aws.` is reserved for AWS itself. */
export const SOURCE = 'tranship';
