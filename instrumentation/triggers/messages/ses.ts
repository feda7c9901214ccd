// SES receipt rules: an e-mail came. Its headers are a list; who wrote and to whom is not recorded.
// https://docs.aws.amazon.com/lambda/latest/dg/services-ses.html

import { mapCarriers, type NamedCarrier } from '../../propagation/carrier.ts'
import { ATTR_MESSAGING_MESSAGE_ID } from '../../semconv.ts'
import { describeBatch, mapRecords, messagingOf, processName } from '../batch.ts'
import { fieldsOf, listOf, nameOf } from '../fields.ts'
import type { TriggerSource } from '../trigger.ts'

export const ses: TriggerSource = {
  name: 'ses',
  detect: event => fieldsOf(listOf(event.Records)[0]).eventSource === 'aws:ses',
  describe: event => {
    const list = listOf(event.Records)
    return describeBatch({
      source: ses.name,
      faasTrigger: 'pubsub',
      spanName: processName('email'),
      attributes: messagingOf('aws.ses', 'email'),
      lists: [list],
      records: mapRecords([list], value => {
        const { headers, messageId } = fieldsOf(fieldsOf(fieldsOf(value).ses).mail)
        const id = nameOf(messageId)
        return {
          value,
          id,
          carriers: () => headerListCarriers(headers),
          describe: () => ({ [ATTR_MESSAGING_MESSAGE_ID]: id }),
        }
      }),
    })
  },
}

/** `[{ "name": "Received", "value": "from …" }, …]`; of the names a mail may have hundreds. */
const MAX_HEADERS = 256

function headerListCarriers(list: unknown): readonly NamedCarrier[] {
  const first: Record<string, unknown> = Object.create(null)
  const again: Record<string, unknown> = Object.create(null)
  for (const header of listOf(list).slice(0, MAX_HEADERS)) {
    const { name, value } = fieldsOf(header)
    if (typeof name !== 'string') continue
    const key = name.slice(0, 64)
    // A broken header must not hide a valid one of the same name.
    if (Object.hasOwn(first, key)) again[key] ??= value
    else first[key] = value
  }
  return [...mapCarriers('ses.headers', first), ...mapCarriers('ses.headers', again)]
}
