// Context in messages, to the last byte that fits and the first that does not; what is the user's stays.
import t from 'tap'
import {
  type Injection,
  MAX_MESSAGE_BYTES,
  type MessageCarrier,
  withMembers,
} from '../../../../instrumentation/libraries/aws-sdk/message-carrier.ts'
import { findService } from '../../../../instrumentation/libraries/aws-sdk/services.ts'
import type { Fields } from '../../../../instrumentation/libraries/fields.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const W3C = [
  ['traceparent', TRACEPARENT],
  ['tracestate', 'up=1'],
  ['baggage', 'tenant=acme'],
] as const
/** Name, type and value of `traceparent` as an attribute. */
const TRACEPARENT_BYTES = 11 + 6 + 55
const ALL_BYTES = TRACEPARENT_BYTES + (10 + 6 + 4) + (7 + 6 + 11)

const carrier = (
  injection: Injection = 'messages',
  entries: MessageCarrier['entries'] = W3C,
): MessageCarrier => ({ injection, entries })

function inject(
  service: string,
  operation: string,
  input: Fields,
  by: MessageCarrier = carrier(),
): Fields | undefined {
  const before = JSON.stringify(input)
  const result = findService(service)?.inject?.({ operation, region: 'us-east-1', input }, by)
  t.equal(JSON.stringify(input), before, `${service}.${operation}: the input stays as it was`)
  return result
}

const attribute = (StringValue: string): Fields => ({ DataType: 'String', StringValue })
const some = (count: number): Fields =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, attribute('x')]))
const namesOf = (message: Fields | undefined): string[] =>
  Object.keys((message?.MessageAttributes as Fields | undefined) ?? {})

t.test('SQS: ten attributes at most, the most important of ours first', t => {
  const send = (count: number): string[] =>
    namesOf(
      inject('SQS', 'SendMessage', { MessageBody: 'x', MessageAttributes: some(count) }),
    ).slice(count)
  t.strictSame(send(0), ['traceparent', 'tracestate', 'baggage'])
  t.strictSame(send(7), ['traceparent', 'tracestate', 'baggage'])
  t.strictSame(send(8), ['traceparent', 'tracestate'])
  t.strictSame(send(9), ['traceparent'])
  t.equal(
    inject('SQS', 'SendMessage', { MessageBody: 'x', MessageAttributes: some(10) }),
    undefined,
  )
  t.end()
})

t.test('SQS: a message that would be longer than the limit stays as it is', t => {
  const send = (bytes: number): string[] =>
    namesOf(inject('SQS', 'SendMessage', { MessageBody: 'x'.repeat(bytes) }))
  t.strictSame(send(MAX_MESSAGE_BYTES - ALL_BYTES), ['traceparent', 'tracestate', 'baggage'])
  t.strictSame(send(MAX_MESSAGE_BYTES - ALL_BYTES + 1), ['traceparent', 'tracestate'])
  t.strictSame(send(MAX_MESSAGE_BYTES - TRACEPARENT_BYTES), ['traceparent'])
  t.strictSame(send(MAX_MESSAGE_BYTES - TRACEPARENT_BYTES + 1), [])
  const wide = 'é'.repeat((MAX_MESSAGE_BYTES - TRACEPARENT_BYTES) / 2)
  t.strictSame(
    namesOf(inject('SQS', 'SendMessage', { MessageBody: wide })),
    ['traceparent'],
    'bytes, not characters',
  )
  t.end()
})

t.test('SQS: the limit of a batch is for all of it', t => {
  const half = MAX_MESSAGE_BYTES / 2
  const batch = (first: number, second: number): string[][] => {
    const Entries = [first, second].map(size => ({ MessageBody: 'x'.repeat(size) }))
    const result = inject('SQS', 'SendMessageBatch', { Entries }, carrier('messages', [W3C[0]]))
    return ((result?.Entries as Fields[] | undefined) ?? []).map(namesOf)
  }
  t.strictSame(batch(half - TRACEPARENT_BYTES, half - TRACEPARENT_BYTES), [
    ['traceparent'],
    ['traceparent'],
  ])
  t.strictSame(batch(half - TRACEPARENT_BYTES, half - TRACEPARENT_BYTES + 1), [['traceparent'], []])
  t.strictSame(batch(half, half), [])
  t.strictSame(
    (
      (inject('SNS', 'PublishBatch', {
        PublishBatchRequestEntries: [
          { Message: 'a' },
          { Message: 'b', MessageAttributes: some(10) },
        ],
      })?.PublishBatchRequestEntries as Fields[]) ?? []
    ).map(each => namesOf(each).includes('traceparent')),
    [true, false],
  )
  t.end()
})

t.test('never twice: a message that carries a context already is the user’s', t => {
  const MessageAttributes = { traceparent: attribute('theirs') }
  t.equal(inject('SQS', 'SendMessage', { MessageBody: 'x', MessageAttributes }), undefined)
  t.equal(inject('SNS', 'Publish', { Message: 'x', MessageAttributes }), undefined)
  const ClientContext = Buffer.from('{"custom":{"traceparent":"theirs"}}').toString('base64')
  t.equal(inject('Lambda', 'Invoke', { ClientContext }), undefined)
  for (const userProperties of ['[]', [], [{ a: '1' }]])
    t.equal(inject('IoT Data Plane', 'Publish', { userProperties }), undefined)
  t.equal(
    inject('SESv2', 'SendEmail', { EmailTags: [{ Name: 'traceparent', Value: 'x' }] }),
    undefined,
  )
  t.equal(withMembers('{"traceparent":"theirs"}', carrier(), 1000), undefined)
  t.end()
})

t.test('SNS: not into a text message, whose place is short', t => {
  t.equal(inject('SNS', 'Publish', { PhoneNumber: '+4912345', Message: 'x' }), undefined)
  t.strictSame(namesOf(inject('SNS', 'Publish', { TopicArn: 'arn', Message: 'x' })), [
    'traceparent',
    'tracestate',
    'baggage',
  ])
  t.end()
})

t.test(
  'Lambda: client context up to 3,583 bytes of base64, and only one that can be added to',
  t => {
    const invoke = (text: string | undefined): Fields | undefined => {
      const input =
        text === undefined ? {} : { ClientContext: Buffer.from(text).toString('base64') }
      const result = inject('Lambda', 'Invoke', input)
      if (result === undefined) return undefined
      t.ok(String(result.ClientContext).length <= 3583)
      return JSON.parse(Buffer.from(String(result.ClientContext), 'base64').toString())
    }
    t.strictSame(invoke(undefined), { custom: Object.fromEntries(W3C) })
    t.match(invoke('{"custom":{"a":1},"env":{}}'), {
      custom: { a: 1, traceparent: TRACEPARENT },
      env: {},
    })
    for (const text of ['[]', 'null', '1', 'no JSON', '{"custom":1}', '{"custom":null}'])
      t.equal(invoke(text), undefined, text)
    // 3583 bytes of base64 hold 2685 bytes (895 groups of three, and a group more would be four characters too many).
    const padded = (bytes: number): string => {
      const empty = Buffer.byteLength(
        JSON.stringify({ a: '', custom: { traceparent: TRACEPARENT } }),
      )
      return JSON.stringify({ a: 'x'.repeat(bytes - empty) })
    }
    t.match(invoke(padded(2685)), { custom: { traceparent: TRACEPARENT } })
    t.equal((invoke(padded(2685)) as { custom: Fields }).custom.tracestate, undefined)
    t.equal(invoke(padded(2686)), undefined)
    t.equal(inject('Lambda', 'Invoke', { InvocationType: 'DryRun' }), undefined)
    t.equal(inject('Lambda', 'GetFunction', {}), undefined)
    t.end()
  },
)

t.test('a JSON object takes members, byte for byte the rest of it; other texts do not', t => {
  const only = carrier('payloads', [W3C[0]])
  const member = `"traceparent":"${TRACEPARENT}"`
  t.equal(withMembers('{"id":1}', only, 1000), `{${member},"id":1}`)
  t.equal(withMembers(' {}', only, 1000), ` {${member}}`)
  t.equal(withMembers('{ "n": 1.0e2 }', only, 1000), `{${member}, "n": 1.0e2 }`)
  for (const text of ['', '[]', '[{}]', '"{"', 'null', '1', 'x{}', '{', '{"a":1} x'])
    t.equal(withMembers(text, only, 1000), undefined, text)
  const exact = `{${member}}`.length
  t.ok(withMembers('{}', only, exact))
  t.equal(withMembers('{}', only, exact - 1), undefined)
  t.equal(withMembers('{}', carrier('payloads', []), 1000), undefined)
  t.end()
})

t.test('payloads are touched only on request', t => {
  const cases: readonly (readonly [string, string, Fields])[] = [
    ['EventBridge', 'PutEvents', { Entries: [{ Detail: '{}' }] }],
    ['Kinesis', 'PutRecord', { Data: Buffer.from('{}') }],
    ['Kinesis', 'PutRecords', { Records: [{ Data: Buffer.from('{}') }] }],
    ['Firehose', 'PutRecord', { Record: { Data: Buffer.from('{}') } }],
    ['SFN', 'StartExecution', { input: '{}' }],
    [
      'Scheduler',
      'CreateSchedule',
      { ScheduleExpression: 'at(2030-01-01T00:00:00)', Target: { Input: '{}' } },
    ],
  ]
  for (const [service, operation, input] of cases) {
    for (const injection of ['none', 'headers', 'messages'] as const)
      t.equal(
        inject(service, operation, input, carrier(injection)),
        undefined,
        `${service}: ${injection}`,
      )
    const result = inject(service, operation, input, carrier('payloads'))
    const text = JSON.stringify(result, (_key, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString() : value,
    )
    t.match(text, TRACEPARENT, `${service}: payloads`)
  }
  t.equal(
    inject(
      'Scheduler',
      'CreateSchedule',
      { ScheduleExpression: 'rate(1 day)', Target: { Input: '{}' } },
      carrier('payloads'),
    ),
    undefined,
    'what recurs belongs to no trace',
  )
  t.end()
})

t.test('EventBridge: the limit is for all entries of a call', t => {
  const only = carrier('payloads', [W3C[0]])
  const more = `"traceparent":"${TRACEPARENT}"`.length
  const put = (room: number): number => {
    const filler = 'x'.repeat(MAX_MESSAGE_BYTES - 2 - 'sourcetype'.length - room)
    const Entries = [{ Source: 'source', DetailType: 'type', Detail: '{}' }, { Detail: filler }]
    const result = inject('EventBridge', 'PutEvents', { Entries }, only)
    return String((result?.Entries as Fields[] | undefined)?.[0]?.Detail ?? '').length
  }
  t.equal(put(more), more + 2)
  t.equal(put(more - 1), 0)
  t.end()
})

t.test('SES and IoT have fields for it; only what such a field takes goes in', t => {
  t.strictSame(inject('SESv2', 'SendEmail', {})?.EmailTags, [
    { Name: 'traceparent', Value: TRACEPARENT },
  ])
  const tags = (count: number): Fields => ({
    EmailTags: Array.from({ length: count }, (_, at) => ({ Name: `t${at}`, Value: 'x' })),
  })
  t.ok(inject('SESv2', 'SendEmail', tags(49)))
  t.equal(inject('SESv2', 'SendEmail', tags(50)), undefined)
  t.ok(inject('SES', 'SendRawEmail', {})?.Tags)
  const properties = inject('IoT Data Plane', 'Publish', { topic: 'a' })?.userProperties
  t.strictSame(JSON.parse(String(properties))[0], { traceparent: TRACEPARENT })
  t.equal(
    inject('IoT Data Plane', 'Publish', {}, carrier('messages', [['baggage', 'x'.repeat(2048)]])),
    undefined,
  )
  t.end()
})

t.test(
  'payloads: the last byte that fits a record, a call or an input, and the first that does not',
  t => {
    const only = carrier('payloads', [W3C[0]])
    const more = `"traceparent":"${TRACEPARENT}",`.length
    const json = (bytes: number): string => `{"a":"${'x'.repeat(bytes - 8)}"}`
    const MiB = 1_048_576
    const grows = (service: string, operation: string, input: Fields): boolean =>
      inject(service, operation, input, only) !== undefined
    const cases: readonly (readonly [string, string, number, (text: string) => Fields])[] = [
      ['Kinesis', 'PutRecord', MiB - 1024, text => ({ Data: Buffer.from(text) })],
      ['Kinesis', 'PutRecord', MiB - 1024, text => ({ Data: text })],
      ['Firehose', 'PutRecord', 1_024_000, text => ({ Record: { Data: Buffer.from(text) } })],
      ['SFN', 'StartExecution', MAX_MESSAGE_BYTES, input => ({ input })],
      ['SFN', 'StartSyncExecution', MAX_MESSAGE_BYTES, input => ({ input })],
      [
        'Scheduler',
        'CreateSchedule',
        MAX_MESSAGE_BYTES,
        Input => ({ ScheduleExpression: 'at(2030-01-01T00:00:00)', Target: { Input } }),
      ],
    ]
    for (const [service, operation, limit, toInput] of cases) {
      t.equal(
        grows(service, operation, toInput(json(limit - more))),
        true,
        `${service}.${operation}`,
      )
      t.equal(grows(service, operation, toInput(json(limit - more + 1))), false)
    }
    // Of a call with several records as many get it as there is room for.
    const PartitionKey = 'key'
    for (const [service, operation, limit] of [
      ['Kinesis', 'PutRecords', 5 * MiB],
      ['Firehose', 'PutRecordBatch', 4 * MiB],
    ] as const) {
      const put = (room: number): boolean[] => {
        const small = [json(100), json(100)].map(text => ({
          Data: Buffer.from(text),
          PartitionKey,
        }))
        const filler = { Data: Buffer.alloc(limit - 200 - 9 - room), PartitionKey }
        const result = inject(service, operation, { Records: [...small, filler] }, only)
        const records = (result?.Records as { Data: Buffer }[] | undefined) ?? []
        return records.map(({ Data }) => Data.includes('traceparent'))
      }
      t.strictSame(put(2 * more), [true, true, false], service)
      t.strictSame(put(2 * more - 1), [true, false, false])
      t.strictSame(put(more - 1), [])
    }
    t.end()
  },
)

t.test('IoT: the longest properties that fit, and one byte more', t => {
  const empty = JSON.stringify([{ baggage: '' }]).length
  const publish = (length: number): Fields | undefined =>
    inject('IoT Data Plane', 'Publish', {}, carrier('messages', [['baggage', 'x'.repeat(length)]]))
  t.ok(publish(2048 - empty))
  t.equal(publish(2048 - empty + 1), undefined)
  t.end()
})
