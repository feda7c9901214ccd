// Every place of an event in which a context may travel x every state in which it may be there, beside another one that
// may be broken: what is valid is found, what is broken is not, and nothing throws.
import t from 'tap'
import { extractParent } from '../../../instrumentation/propagation/extract-parent.ts'
import {
  createPropagation,
  type PropagatorName,
} from '../../../instrumentation/propagation/propagation.ts'
import { createIdSource } from '../../../instrumentation/trace/ids.ts'
import { detectTrigger } from '../../../instrumentation/triggers/detect.ts'
import { type Random, startRandom } from '../../helpers/random.ts'
import {
  arriving,
  type Headers,
  type Ids,
  WIRE_FORMATS,
  type WireFormat,
  writeBroken,
  writeOversized,
} from '../propagation/wire-formats.ts'

const CASES = 100_000
const STATES = ['valid', 'malformed', 'oversized', 'wrong case', 'duplicated'] as const
type State = (typeof STATES)[number]

const values = (headers: Headers, wrap: (value: string, name: string) => unknown): object =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, wrap(value, name)]))
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64')
const list = (headers: Headers, of: (name: string, value: string) => unknown): unknown[] =>
  Object.entries(headers).map(([name, value]) => of(name, value))
const bytesOf = (text: string): number[] => [...Buffer.from(text)]

const http = { method: 'GET', path: '/', sourceIp: '192.0.2.1' }
const sqsRecord = (fields: object): object => ({
  Records: [{ eventSource: 'aws:sqs', messageId: 'm', body: 'text', ...fields }],
})
const notification = (fields: object): object => ({
  Type: 'Notification',
  TopicArn: 'arn:aws:sns:eu-west-1:123456789012:orders',
  ...fields,
})
const snsRecord = (Sns: object): object => ({ Records: [{ EventSource: 'aws:sns', Sns }] })
const eventBridge = (detail: object): object => ({
  'detail-type': 'Placed',
  source: 'shop',
  detail,
})
const attributes = (headers: Headers): object =>
  values(headers, stringValue => ({ dataType: 'String', stringValue }))
const snsAttributes = (headers: Headers): object =>
  values(headers, Value => ({ Type: 'String', Value }))

/** Names in any case are found in the first group; in the second in the spellings that clients use. */
const HEADERS: Readonly<Record<string, (headers: Headers) => object>> = {
  'REST API, headers': headers => ({
    httpMethod: 'GET',
    resource: '/',
    requestContext: { stage: 's' },
    headers,
  }),
  'REST API, multiValueHeaders': headers => ({
    httpMethod: 'GET',
    resource: '/',
    requestContext: { stage: 's' },
    multiValueHeaders: values(headers, value => [value]),
  }),
  'HTTP API': headers => ({ version: '2.0', rawPath: '/', requestContext: { http }, headers }),
  'function URL': headers => ({
    version: '2.0',
    rawPath: '/',
    requestContext: { http, domainName: 'x.lambda-url.eu-west-1.on.aws' },
    headers,
  }),
  'ALB, headers': headers => ({
    httpMethod: 'GET',
    path: '/',
    requestContext: { elb: {} },
    headers,
  }),
  'ALB, multiValueHeaders': headers => ({
    httpMethod: 'GET',
    path: '/',
    requestContext: { elb: {} },
    multiValueHeaders: values(headers, value => [value, value]),
  }),
  'VPC Lattice 1': headers => ({ raw_path: '/', method: 'GET', headers }),
  'VPC Lattice 2': headers => ({
    version: '2.0',
    path: '/',
    requestContext: { serviceNetworkArn: 'arn:aws:vpc-lattice:::' },
    headers: values(headers, value => [value]),
  }),
  'API authorizer': headers => ({ type: 'REQUEST', methodArn: 'arn:a:b:c:d:e/s/GET/', headers }),
  WebSocket: headers => ({
    requestContext: { messageDirection: 'IN', eventType: 'CONNECT', routeKey: '$connect' },
    headers,
  }),
  AppSync: headers => ({ info: { parentTypeName: 'Query', fieldName: 'f' }, request: { headers } }),
  'AppSync Events': headers => ({
    info: { channel: { path: '/a' }, channelNamespace: { name: 'a' }, operation: 'PUBLISH' },
    request: { headers },
  }),
  'S3 Object Lambda': headers => ({ getObjectContext: {}, userRequest: { headers } }),
}

const MAPS: Readonly<Record<string, (headers: Headers) => object>> = {
  'SQS attributes': headers => sqsRecord({ messageAttributes: attributes(headers) }),
  'SQS attributes, binary': headers =>
    sqsRecord({
      messageAttributes: values(headers, value => ({
        dataType: 'Binary',
        binaryValue: Buffer.from(value).toString('base64'),
      })),
    }),
  'SQS, one attribute for all': headers =>
    sqsRecord({ messageAttributes: { _datadog: { stringValue: JSON.stringify(headers) } } }),
  'SNS in SQS': headers =>
    sqsRecord({
      body: JSON.stringify(notification({ MessageAttributes: snsAttributes(headers) })),
    }),
  'EventBridge in SQS': headers => sqsRecord({ body: JSON.stringify(eventBridge(headers)) }),
  'EventBridge in SNS in SQS': headers =>
    sqsRecord({
      body: JSON.stringify(notification({ Message: JSON.stringify(eventBridge(headers)) })),
    }),
  'SNS attributes': headers => snsRecord({ MessageAttributes: snsAttributes(headers) }),
  'EventBridge in SNS': headers => snsRecord({ Message: JSON.stringify(eventBridge(headers)) }),
  EventBridge: eventBridge,
  'EventBridge, packed': headers => eventBridge({ _datadog: headers }),
  'Kinesis data': headers => ({
    Records: [{ eventSource: 'aws:kinesis', kinesis: { data: base64(headers) } }],
  }),
  'Firehose data': headers => ({
    deliveryStreamArn: 'arn:a:b:c:d:e/s',
    records: [{ recordId: 'r', data: base64(headers) }],
  }),
  'DynamoDB item': headers => ({
    Records: [{ eventName: 'INSERT', dynamodb: { NewImage: values(headers, S => ({ S })) } }],
  }),
  'DocumentDB document': headers => ({
    eventSource: 'aws:docdb',
    events: [{ event: { operationType: 'insert', fullDocument: headers } }],
  }),
  'Kafka, bytes': headers => ({
    eventSource: 'aws:kafka',
    records: {
      't-0': [
        { topic: 't', headers: list(headers, (name, value) => ({ [name]: bytesOf(value) })) },
      ],
    },
  }),
  'Kafka, bytes as a map': headers => ({
    eventSource: 'SelfManagedKafka',
    records: {
      't-0': [
        {
          topic: 't',
          headers: list(headers, (name, value) => ({ [name]: { ...bytesOf(value) } })),
        },
      ],
    },
  }),
  'ActiveMQ properties': properties => ({ eventSource: 'aws:mq', messages: [{ properties }] }),
  'RabbitMQ headers': headers => ({
    eventSource: 'aws:rmq',
    rmqMessagesByQueue: {
      'q::/': [
        { basicProperties: { headers: values(headers, bytes => ({ bytes: bytesOf(bytes) })) } },
      ],
    },
  }),
  'e-mail': headers => ({
    Records: [
      {
        eventSource: 'aws:ses',
        ses: { mail: { headers: list(headers, (name, value) => ({ name, value })) } },
      },
    ],
  }),
  'IoT message': headers => ({ topic: 'a/b', clientid: 'c', ...headers }),
  'IoT user properties': userProperties => ({ topic: 'a/b', userProperties }),
  'Cognito client metadata': clientMetadata => ({
    triggerSource: 'PreSignUp_SignUp',
    userPoolId: 'p',
    request: { clientMetadata },
  }),
  'Lex attributes': requestAttributes => ({ sessionState: {}, bot: {}, requestAttributes }),
  'Connect parameters': Parameters => ({ Details: { ContactData: {}, Parameters } }),
  CloudFront: headers => ({
    Records: [{ cf: { request: { headers: values(headers, (value, key) => [{ key, value }]) } } }],
  }),
  'Pipes of SQS': headers => [{ eventSource: 'aws:sqs', messageAttributes: attributes(headers) }],
}
const CARRIERS = { ...HEADERS, ...MAPS }

const capitalise = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
const SPELLINGS: readonly ((name: string) => string)[] = [
  capitalise,
  name => name.toUpperCase(),
  name => name.split('-').map(capitalise).join('-'),
]
const renamed = (headers: Headers, rename: (name: string) => string): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [rename(name), value]))

const mixCase = (text: string, random: Random): string =>
  Array.from(text, letter => (random.below(2) === 0 ? letter.toUpperCase() : letter)).join('')

interface Written {
  readonly format: WireFormat
  readonly ids: Ids
  readonly headers: Headers
  readonly isValid: boolean
}

/** A text with more than 32 KB is not parsed at all: so many are too many for each format. */
const oversized = (format: WireFormat, ids: Ids, random: Random): Headers =>
  writeOversized(format, ids, random, [200, 9000])

function write(state: State, ids: Ids, hasAnyCase: boolean, random: Random): Written {
  const format = random.pick(WIRE_FORMATS)
  const valid = format.write(ids)
  const written = (headers: Headers, isValid: boolean): Written => ({
    format,
    ids,
    headers,
    isValid,
  })
  if (state === 'malformed') return written(writeBroken(format, ids, random), false)
  if (state === 'oversized') return written(oversized(format, ids, random), false)
  if (state === 'valid') return written(valid, true)
  const spelling = random.pick(SPELLINGS)
  if (state === 'wrong case') {
    const rename = hasAnyCase ? (name: string) => mixCase(name, random) : spelling
    return written(renamed(valid, rename), true)
  }
  // The same names twice, in two spellings: a valid one beside one that is broken or the same.
  const other = random.pick([
    valid,
    writeBroken(format, ids, random),
    oversized(format, ids, random),
  ])
  const [first, second] = random.below(2) === 0 ? [valid, other] : [other, valid]
  return written({ ...first, ...renamed(second, spelling) }, true)
}

const names = WIRE_FORMATS.flatMap(({ propagator }): PropagatorName[] =>
  propagator === undefined ? [] : [propagator],
)

t.test('each carrier in each state, beside another: the valid one is the parent', async t => {
  const random = startRandom()
  t.comment(`seed ${random.seed} (BATON_FUZZ_SEED repeats it)`)
  const source = createIdSource(Uint32Array.from({ length: 4 }, () => random.below(2 ** 32)))
  const formats = createPropagation(['baggage', ...names])
  const kinds = Object.keys(CARRIERS)
  const failures: unknown[] = []
  const seen = new Set<string>()
  let found = 0
  for (let index = 0; index < CASES && failures.length < 5; index++) {
    const kind = random.pick(kinds)
    const state = random.pick(STATES)
    seen.add(`${kind}: ${state}`)
    const ids = (): Ids => ({ traceId: source.traceId(), spanId: source.spanId() })
    const own = write(state, ids(), kind in HEADERS, random)
    const beside = write(random.pick(STATES), ids(), true, random)
    const event = CARRIERS[kind]?.(own.headers)
    const clientContext = { [random.pick(['custom', 'Custom', 'w3c'])]: beside.headers }
    const expected = [own, beside].find(({ isValid }) => isValid)
    try {
      const trigger = detectTrigger(JSON.parse(JSON.stringify(event)), 'fn', 1)
      const { parent } = extractParent({
        carriers: trigger.carriers,
        records: trigger.batch?.records,
        recordCount: trigger.batch?.count,
        relation: trigger.relation,
        clientContext,
        traceHeader: random.pick([undefined, 'Root=1-broken', 'x'.repeat(9000)]),
        formats,
      })
      if (parent !== undefined) found++
      const isRight =
        parent?.spanContext.traceId === (expected && arriving(expected.format, expected.ids)) &&
        parent?.spanContext.spanId === expected?.ids.spanId
      if (!isRight) failures.push({ index, kind, state, own, beside, parent })
    } catch (error) {
      failures.push({ index, kind, state, own, error })
    }
  }
  t.strictSame(failures, [])
  t.ok(kinds.length >= 20, `${kinds.length} carriers`)
  t.equal(seen.size, kinds.length * STATES.length, 'every carrier in every state')
  t.ok(found > CASES / 4 && found < CASES, `${found} of ${CASES} have a parent`)
})
