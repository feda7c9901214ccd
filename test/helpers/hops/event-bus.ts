// A bus of EventBridge and a state machine of Step Functions, as far as a caller sees them: requests are taken only when they are
// signed well. What they deliver a test takes from here and hands on.
import { randomUUID } from 'node:crypto'
import { type AwsAnswer, type AwsRequest, startAwsServer } from '../aws-server.ts'
import { ACCOUNT, CREDENTIALS, REGION } from './queues.ts'

export interface Delivery {
  /** https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
  readonly event: object
  /** What EventBridge hands to its target along with the event, if the call had it. */
  readonly traceHeader: string | null
}

export interface EventBus extends AsyncDisposable {
  readonly url: string
  /** Of all entries that were put, in order. */
  readonly deliveries: readonly Delivery[]
}

export async function startEventBus(): Promise<EventBus> {
  const deliveries: Delivery[] = []
  const server = await startAwsServer({
    service: 'events',
    region: REGION,
    keys: CREDENTIALS,
    answer(request): AwsAnswer {
      const { Entries = [] } = JSON.parse(request.body.toString())
      const ids = Entries.map((entry: PutEntry) => {
        const id = randomUUID()
        deliveries.push({ event: toEvent(entry, id), traceHeader: traceHeaderOf(entry, request) })
        return { EventId: id }
      })
      return { body: { FailedEntryCount: 0, Entries: ids } }
    },
  })
  return { ...server, url: server.url, deliveries }
}

interface PutEntry {
  readonly Source: string
  readonly DetailType: string
  readonly Detail: string
  readonly Resources?: readonly string[]
  readonly TraceHeader?: string
}

const toEvent = (entry: PutEntry, id: string): object => ({
  version: '0',
  id,
  'detail-type': entry.DetailType,
  source: entry.Source,
  account: ACCOUNT,
  // Whole seconds.
  time: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  region: REGION,
  resources: entry.Resources ?? [],
  detail: JSON.parse(entry.Detail),
})

const traceHeaderOf = ({ TraceHeader }: PutEntry, { headers }: AwsRequest): string | null =>
  TraceHeader ?? headers['x-amzn-trace-id'] ?? null

const MACHINE_ARN = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:checkout`

export interface Execution {
  readonly Id: string
  readonly Input: unknown
  readonly StartTime: string
  readonly Name: string
  readonly RoleArn: string
  readonly RedriveCount: number
}

export interface StateMachine extends AsyncDisposable {
  readonly url: string
  readonly executions: readonly Execution[]
}

export async function startStateMachine(): Promise<StateMachine> {
  const executions: Execution[] = []
  const server = await startAwsServer({
    service: 'states',
    region: REGION,
    keys: CREDENTIALS,
    answer(request): AwsAnswer {
      const { input = '{}', name: Name = randomUUID() } = JSON.parse(request.body.toString())
      const Id = `arn:aws:states:${REGION}:${ACCOUNT}:execution:checkout:${Name}`
      const startMs = Date.now()
      executions.push({
        Id,
        Input: JSON.parse(input),
        StartTime: new Date(startMs).toISOString(),
        Name,
        RoleArn: `arn:aws:iam::${ACCOUNT}:role/checkout`,
        RedriveCount: 0,
      })
      return { body: { executionArn: Id, startDate: startMs / 1000 } }
    },
  })
  return { ...server, url: server.url, executions }
}

/**
 * What a task gets by `"Payload": { "input.$": "$", "Execution.$": "$$.Execution", … }`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
 */
export const taskEvent = (Execution: Execution, Name: string, RetryCount = 0): object => ({
  input: Execution.Input,
  Execution,
  State: { Name, EnteredTime: `${Execution.StartTime.slice(0, -1)}${Name.length}Z`, RetryCount },
  StateMachine: { Id: MACHINE_ARN, Name: 'checkout' },
})
