// AWS IoT rules: the event is whatever the rule's SELECT makes of an MQTT message. It is taken for one when it has
// the topic beside something else that only the rule's functions give.
// https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html

import { mapCarriers } from '../../propagation/carrier.ts'
import { ATTR_FAAS_TRIGGER } from '../../semconv.ts'
import { SPAN_KIND_CONSUMER } from '../../trace/span-kind.ts'
import { messagingOf, processName } from '../batch.ts'
import { firstPart, nameOf } from '../fields.ts'
import { NOTHING_KNOWN, type TriggerSource } from '../trigger.ts'

const BESIDE = ['clientid', 'clientId', 'principal', 'userProperties', 'traceparent']

export const iot: TriggerSource = {
  name: 'iot',
  detect: event =>
    typeof event.topic === 'string' && BESIDE.some(field => event[field] !== undefined),
  describe: event => {
    // What follows the first part is most often the name of one device.
    const destination = firstPart(nameOf(event.topic))
    return {
      source: iot.name,
      faasTrigger: 'pubsub',
      spanName: processName(destination),
      spanKind: SPAN_KIND_CONSUMER,
      attributes: {
        [ATTR_FAAS_TRIGGER]: 'pubsub',
        ...messagingOf('aws.iot', destination),
      },
      carriers: [
        ...mapCarriers('iot.event', event),
        ...mapCarriers('iot.userProperties', event.userProperties),
      ],
      describeResult: () => NOTHING_KNOWN,
    }
  },
}
