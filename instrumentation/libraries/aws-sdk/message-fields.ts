// Services whose messages have a field for what senders add: tags of SES, user properties of IoT. Neither the recipient of a mail nor
// a subscriber of MQTT 3 sees them; the sender's own event destinations and subscribers of MQTT 5 do.
import { listOf, textOf } from '../fields.ts'
import { reachesMessages } from './message-carrier.ts'
import type { AwsService } from './service.ts'
import { findRoute, type Route } from './wire-request.ts'

/** https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_MessageTag.html: letters, digits and these, 256 at most. */
const TAG = /^[A-Za-z0-9_.@-]{1,256}$/
const MAX_TAGS = 50

const SES_ROUTES: readonly Route[] = [
  { method: 'POST', path: 'v2/email/outbound-emails', operation: 'SendEmail' },
  { method: 'POST', path: 'v2/email/outbound-bulk-emails', operation: 'SendBulkEmail' },
]

function ses(id: string, field: string, operations: readonly string[]): AwsService {
  return {
    id,
    sends: operations,
    inject({ operation = '', input }, carrier) {
      if (!reachesMessages(carrier) || !operations.includes(operation)) return undefined
      const tags = listOf(input, field) ?? []
      const ours = carrier.entries
        .filter(([name, value]) => TAG.test(name) && TAG.test(value))
        .map(([Name, Value]) => ({ Name, Value }))
      const isThere = tags.some(tag =>
        ours.some(({ Name }) => (tag as { Name?: unknown } | null)?.Name === Name),
      )
      if (ours.length === 0 || isThere || tags.length + ours.length > MAX_TAGS) return undefined
      return { ...input, [field]: [...tags, ...ours] }
    },
    readRequest: request => ({ operation: findRoute(SES_ROUTES, request)?.operation, input: {} }),
  }
}

export const sesV2: AwsService = ses('SESv2', 'EmailTags', ['SendEmail'])
export const sesV1: AwsService = ses('SES', 'Tags', [
  'SendEmail',
  'SendRawEmail',
  'SendTemplatedEmail',
])

/** Headers of a request to AWS may take 8 KiB together; user properties travel in one, as base64. */
const MAX_PROPERTIES_LENGTH = 2048

export const iotData: AwsService = {
  id: 'IoT Data Plane',
  sends: ['Publish'],
  inject({ operation, input }, carrier) {
    if (!reachesMessages(carrier) || operation !== 'Publish') return undefined
    if ((input.userProperties ?? undefined) !== undefined) return undefined
    const properties = JSON.stringify(carrier.entries.map(([name, value]) => ({ [name]: value })))
    if (carrier.entries.length === 0 || properties.length > MAX_PROPERTIES_LENGTH) return undefined
    return { ...input, userProperties: properties }
  },
  toV2: input => ({ ...input, userProperties: JSON.parse(textOf(input, 'userProperties') ?? '') }),
  readRequest: request => ({
    operation:
      request.method === 'POST' && request.path.startsWith('/topics/') ? 'Publish' : undefined,
    input: {},
  }),
}
