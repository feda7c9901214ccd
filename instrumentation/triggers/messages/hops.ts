// Messaging services in front of the function: from a message's arrival there to its arrival at whatever comes next.

import {
  ATTR_AWS_SNS_TOPIC_ARN,
  ATTR_CLOUDEVENTS_EVENT_ID,
  ATTR_CLOUDEVENTS_EVENT_SOURCE,
  ATTR_CLOUDEVENTS_EVENT_TYPE,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_SYSTEM,
} from '../../semconv.ts'
import type { Attributes } from '../../trace/attributes.ts'
import { SPAN_KIND_INTERNAL } from '../../trace/span-kind.ts'
import { type EventFields, nameOf, resourceOf } from '../fields.ts'
import { type Hop, timeOfIso } from '../hop.ts'

/** Values of `messaging.system`; the conventions name the first two. */
export const SQS = 'aws_sqs'
export const SNS = 'aws.sns'
export const EVENT_BRIDGE = 'aws.eventbridge'

interface HopFields {
  readonly system: string
  readonly what: string
  readonly destination: string | undefined
  readonly startMs: number | undefined
  readonly endMs: Hop['endMs']
  readonly attributes?: Attributes
}

/** Time in a queue, a topic or a stream is neither the sender's nor ours: its span is of kind INTERNAL. */
export const messageHop = (fields: HopFields): Hop => ({
  service: fields.system,
  name: fields.destination === undefined ? fields.what : `${fields.what} ${fields.destination}`,
  kind: SPAN_KIND_INTERNAL,
  startMs: fields.startMs,
  endMs: fields.endMs,
  attributes: {
    [ATTR_MESSAGING_SYSTEM]: fields.system,
    [ATTR_MESSAGING_DESTINATION_NAME]: fields.destination,
    ...fields.attributes,
  },
})

export const snsHop = (topicArn: unknown, timestamp: unknown): Hop =>
  messageHop({
    system: SNS,
    what: 'topic',
    destination: resourceOf(topicArn),
    startMs: timeOfIso(timestamp),
    endMs: 'start',
    attributes: { [ATTR_AWS_SNS_TOPIC_ARN]: nameOf(topicArn) },
  })

export const eventBridgeHop = (event: EventFields): Hop =>
  messageHop({
    system: EVENT_BRIDGE,
    what: 'event',
    destination: nameOf(event['detail-type']),
    startMs: timeOfIso(event.time),
    endMs: 'start',
    attributes: cloudEventOf(event),
  })

export const cloudEventOf = (event: EventFields): Attributes => ({
  [ATTR_CLOUDEVENTS_EVENT_ID]: nameOf(event.id),
  [ATTR_CLOUDEVENTS_EVENT_SOURCE]: nameOf(event.source),
  [ATTR_CLOUDEVENTS_EVENT_TYPE]: nameOf(event['detail-type']),
})
