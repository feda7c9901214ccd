// EventBridge Pipes: a list of records as their sources have them, without an envelope.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-source.html

import { fieldsOf, listOf } from '../fields.ts'
import { describeDynamoDb } from '../streams/dynamodb.ts'
import { describeKinesis } from '../streams/kinesis.ts'
import type { Given, Trigger, TriggerSource } from '../trigger.ts'
import { describeKafka } from './kafka.ts'
import { listsIn } from './lists.ts'
import { describeSqs } from './sqs.ts'

type Describe = (source: string, list: readonly unknown[], given: Given) => Trigger

const KINDS: Readonly<Record<string, Describe>> = {
  'aws:sqs': (source, list, given) => describeSqs(list, source, given),
  'aws:kinesis': describeKinesis,
  'aws:dynamodb': describeDynamoDb,
  'aws:kafka': describeKafkaList,
  SelfManagedKafka: describeKafkaList,
}

function describeKafkaList(source: string, list: readonly unknown[], given: Given): Trigger {
  return describeKafka(source, listsIn(list, '', given))
}

function kindOf(event: unknown): Describe | undefined {
  const { eventSource } = fieldsOf(listOf(event)[0])
  return typeof eventSource === 'string' && Object.hasOwn(KINDS, eventSource)
    ? KINDS[eventSource]
    : undefined
}

export const pipes: TriggerSource = {
  name: 'pipes',
  detect: event => kindOf(event) !== undefined,
  describe: (event, given) => {
    const describe = kindOf(event)
    const list = listOf(event)
    if (describe === undefined) throw new TypeError('expected records of a known source')
    return describe(pipes.name, list, given)
  },
}
