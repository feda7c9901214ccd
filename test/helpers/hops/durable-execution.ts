// An execution of a durable function, as far as the function sees Lambda's side of it: it keeps what the function checkpoints, and
// hands all of it to the next invocation. Requests are taken only when they are signed well.
// https://docs.aws.amazon.com/lambda/latest/api/API_CheckpointDurableExecution.html
import { randomUUID } from 'node:crypto'
import { type AwsAnswer, type AwsRequest, startAwsServer } from '../aws-server.ts'
import { ACCOUNT, CREDENTIALS, REGION } from './queues.ts'

export interface DurableExecution extends AsyncDisposable {
  readonly url: string
  readonly arn: string
  /** What the function is invoked with now; waits are over by then. */
  nextEvent(): object
  /** Names of the steps that ended, in order. */
  readonly steps: readonly string[]
}

interface Update {
  readonly Id: string
  readonly Name?: string
  readonly SubType?: string
  readonly Type: string
  readonly Action: string
  readonly Payload?: string
}

type Operation = Readonly<Record<string, unknown>>

export async function startDurableExecution(input: unknown): Promise<DurableExecution> {
  const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:b:1/durable-execution/order-17/${randomUUID()}`
  const operations = new Map<string, Operation>()
  const steps: string[] = []
  operations.set('execution', {
    Id: randomUUID(),
    Type: 'EXECUTION',
    Status: 'STARTED',
    StartTimestamp: Date.now() / 1000,
    ExecutionDetails: { InputPayload: JSON.stringify(input) },
  })
  const server = await startAwsServer({
    service: 'lambda',
    region: REGION,
    keys: CREDENTIALS,
    answer(request): AwsAnswer {
      const changed = updatesOf(request).map(update => {
        if (update.Type === 'STEP' && update.Action === 'SUCCEED') steps.push(update.Name ?? '')
        const operation = { ...operations.get(update.Id), ...apply(update) }
        operations.set(update.Id, operation)
        return operation
      })
      return {
        body: { CheckpointToken: randomUUID(), NewExecutionState: { Operations: changed } },
      }
    },
  })
  return {
    ...server,
    url: server.url,
    arn,
    steps,
    nextEvent() {
      for (const [id, operation] of operations) {
        if (operation.Type === 'WAIT') operations.set(id, { ...operation, Status: 'SUCCEEDED' })
      }
      return {
        DurableExecutionArn: arn,
        CheckpointToken: randomUUID(),
        InitialExecutionState: { Operations: [...operations.values()], NextMarker: '' },
      }
    },
  }
}

const updatesOf = ({ body }: AwsRequest): readonly Update[] =>
  JSON.parse(body.toString()).Updates ?? []

function apply({ Id, Name, Type, SubType, Action, Payload }: Update): Operation {
  const nowSeconds = Date.now() / 1000
  const operation = { Id, Name, Type, SubType }
  if (Action === 'START') {
    const details = Type === 'WAIT' && { WaitDetails: { ScheduledEndTimestamp: nowSeconds + 60 } }
    return { ...operation, Status: 'STARTED', StartTimestamp: nowSeconds, ...details }
  }
  return {
    ...operation,
    Status: Action === 'SUCCEED' ? 'SUCCEEDED' : 'FAILED',
    EndTimestamp: nowSeconds,
    StepDetails: { Result: Payload },
  }
}
