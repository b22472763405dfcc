import { ClientException, DescribeTaskDefinitionCommand, type Tag, type TaskDefinition } from '@aws-sdk/client-ecs';
import { counter, type LiveAccount } from './account.js';
import { sortedBy, sortedTexts } from './paging.js';

/** What `describe-task-definition --include TAGS` answers. */
export interface DescribedTaskDefinition {
  readonly taskDefinition: TaskDefinition;
  readonly tags?: readonly Tag[];
}

/**
 * Describes each task definition once, by ARN. One that ECS does not know any more, as a schedule may name one, is noted.
 *
 * @param names ARNs, `family:revision`, or a family, which stands for its latest active revision
 * @throws LiveAccountError when task definitions may not be described
 */
export async function readTaskDefinitions(
  account: LiveAccount,
  names: readonly string[],
): Promise<readonly DescribedTaskDefinition[]> {
  const distinct = sortedTexts(names);
  const count = counter(account, 'task definitions', distinct.length);
  const answers = await Promise.all(
    distinct.map(async (name) => {
      const answer = await describe(account, name);
      count(1);
      return answer;
    }),
  );
  const byArn = new Map(
    answers.flatMap((answer) =>
      answer === undefined ? [] : [[answer.taskDefinition.taskDefinitionArn ?? '', answer] as const],
    ),
  );
  return sortedBy([...byArn], ([arn]) => arn).map(([, answer]) => answer);
}

async function describe(account: LiveAccount, name: string): Promise<DescribedTaskDefinition | undefined> {
  const { calls, clients } = account;
  const call = 'ecs:DescribeTaskDefinition';
  const answer = await calls.send(call, async () => {
    try {
      return await clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: name, include: ['TAGS'] }));
    } catch (error) {
      // ECS has no error of its own for a task definition that does not exist.
      if (error instanceof ClientException) return error;
      throw error;
    }
  });
  if (answer instanceof Error || answer.taskDefinition === undefined) {
    const todo = 'see what still refers to it, and register it again or take the reference away';
    const lost = 'nothing can be rendered for what runs it';
    const why = `ECS does not describe the task definition${answer instanceof Error ? `: ${answer.message}` : ''}`;
    calls.note({ call, of: [name], why, lost, todo });
    return undefined;
  }
  const { taskDefinition, tags } = answer;
  return { taskDefinition, ...(tags === undefined ? {} : { tags }) };
}
