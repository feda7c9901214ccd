// EventBridge: events of a bus, and what its scheduler sends. The bus is not named in an event; what kind of event it
// is stands for the destination.
// https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html

import { ATTR_POINTER, messagePointer } from '../../propagation/pointer.ts'
import { ATTR_FAAS_TIME, ATTR_FAAS_TRIGGER, ATTR_MESSAGING_MESSAGE_ID } from '../../semconv.ts'
import { SPAN_KIND_CONSUMER, SPAN_KIND_SERVER } from '../../trace/span-kind.ts'
import { messagingOf, processName } from '../batch.ts'
import { type EventFields, fieldsOf, listOf, nameOf, resourceOf } from '../fields.ts'
import { carriersOfTrigger } from '../inner.ts'
import { describeOther } from '../other.ts'
import { bucketObjectPointer } from '../storage/object.ts'
import { NOTHING_KNOWN, type TriggerSource } from '../trigger.ts'
import { cloudEventOf, EVENT_BRIDGE, eventBridgeHop } from './hops.ts'
import { fieldCarriers } from './message-attributes.ts'

/** Ours: no convention has a name for it. */
const ATTR_SCHEDULE = 'baton.schedule'

const isEvent = (event: EventFields): boolean =>
  typeof event['detail-type'] === 'string' && typeof event.source === 'string'

/** A rule with a rate or a cron expression, or a schedule of EventBridge Scheduler with its own payload. */
export const schedule: TriggerSource = {
  name: 'schedule',
  detect: event =>
    (event.source === 'aws.events' || event.source === 'aws.scheduler') &&
    event['detail-type'] === 'Scheduled Event',
  describe: (event, { functionName }) => {
    const rule = resourceOf(listOf(event.resources)[0])
    return {
      ...describeOther(schedule.name, functionName),
      faasTrigger: 'timer',
      spanKind: SPAN_KIND_SERVER,
      attributes: {
        [ATTR_FAAS_TRIGGER]: 'timer',
        [ATTR_FAAS_TIME]: nameOf(event.time),
        [ATTR_SCHEDULE]: rule?.slice(rule.indexOf('/') + 1),
      },
      // Nobody called: the time came.
      relation: 'root',
    }
  },
}

/** A function's result that Lambda's destinations put on a bus: the event of that function is over. */
const RESULT_SOURCE = 'lambda'

export const eventBridge: TriggerSource = {
  name: 'eventbridge',
  detect: isEvent,
  describe: (event, given) => {
    const kind = nameOf(event['detail-type'])
    const detail = fieldsOf(event.detail)
    const id = nameOf(event.id)
    const isResult = event.source === RESULT_SOURCE && 'requestPayload' in detail
    const object =
      event.source === 'aws.s3' ? bucketObjectPointer(detail.bucket, detail.object) : undefined
    return {
      source: eventBridge.name,
      faasTrigger: 'pubsub',
      spanName: processName(kind),
      spanKind: SPAN_KIND_CONSUMER,
      attributes: {
        [ATTR_FAAS_TRIGGER]: 'pubsub',
        ...messagingOf(EVENT_BRIDGE, kind),
        [ATTR_MESSAGING_MESSAGE_ID]: id,
        ...cloudEventOf(event),
      },
      carriers: isResult
        ? carriersOfTrigger(given.detectInner(detail.requestPayload))
        : fieldCarriers('eventbridge.detail', detail),
      relation: isResult ? 'link' : 'parent',
      hops: () => [eventBridgeHop(event)],
      describeLate: () => {
        const pointers = [id && messagePointer(id), object?.()].filter(each => each !== undefined)
        return { attributes: { [ATTR_POINTER]: pointers.length === 0 ? undefined : pointers } }
      },
      describeResult: () => NOTHING_KNOWN,
    }
  },
}
