import t from 'tap'
import { readInvocation } from '../../../runtime/invocation/invocation.ts'

const HEADERS = {
  'lambda-runtime-aws-request-id': 'req-0',
  'lambda-runtime-deadline-ms': '1542409706888',
  'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:123456789012:function:fn:live',
  'lambda-runtime-trace-id':
    'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1;Lineage=a87bd80c:0',
  'lambda-runtime-client-context': '{"custom":{"k":"v"},"Custom":1}',
  'lambda-runtime-cognito-identity': '{"cognitoIdentityId":"i","cognitoIdentityPoolId":"p"}',
  'lambda-runtime-aws-tenant-id': 'blue',
}

type Headers = Readonly<Record<string, string>>

function read(body: string | Buffer, headers: Headers = HEADERS, isColdStart = true) {
  return readInvocation({ statusCode: 200, headers, body: Buffer.from(body) }, isColdStart)
}

function without(name: keyof typeof HEADERS): Headers {
  const { [name]: _left, ...rest } = HEADERS
  return rest
}

t.test('everything that the Runtime API says is on the invocation', async t => {
  const { invocation, fault } = read('{"a":[1,"é"]}')
  t.equal(fault, undefined)
  t.strictSame(invocation, {
    requestId: 'req-0',
    deadlineMs: 1542409706888,
    functionArn: HEADERS['lambda-runtime-invoked-function-arn'],
    traceHeader: HEADERS['lambda-runtime-trace-id'],
    clientContext: { custom: { k: 'v' }, Custom: 1 },
    identity: { cognitoIdentityId: 'i', cognitoIdentityPoolId: 'p' },
    tenantId: 'blue',
    event: { a: [1, 'é'] },
    eventBytes: 14,
    eventHead: undefined,
    isColdStart: true,
  })
  t.equal(read('1', HEADERS, false).invocation.isColdStart, false)
})

for (const [name, headers] of [
  ['with the request id alone', { 'lambda-runtime-aws-request-id': 'req-0' }],
  [
    'with every other header empty',
    {
      ...Object.fromEntries(Object.keys(HEADERS).map(key => [key, ''])),
      'lambda-runtime-aws-request-id': 'req-0',
    },
  ],
] as const) {
  t.test(`C48 an event ${name} is served with what is known`, async t => {
    const { invocation, fault } = read('{}', headers)
    t.equal(fault, undefined)
    t.strictSame(invocation, {
      requestId: 'req-0',
      deadlineMs: 0,
      functionArn: '',
      traceHeader: undefined,
      clientContext: undefined,
      identity: undefined,
      tenantId: undefined,
      event: {},
      eventBytes: 2,
      eventHead: undefined,
      isColdStart: true,
    })
  })
}

t.test('of an event longer than 32 KB its first 8 KB are there as text', async t => {
  const textOf = (length: number): string => JSON.stringify({ é: 'x'.repeat(length - 9) })
  t.equal(Buffer.byteLength(textOf(32 * 1024)), 32 * 1024)
  t.equal(read(textOf(32 * 1024)).invocation.eventHead, undefined)
  const { eventHead, eventBytes } = read(textOf(32 * 1024 + 1)).invocation
  t.equal(eventBytes, 32 * 1024 + 1)
  t.equal(
    eventHead,
    textOf(32 * 1024 + 1).slice(0, 8191),
    'as many bytes as characters, but for one',
  )
})

for (const deadline of ['soon', '', 'NaN', '12:00']) {
  t.test(`a deadline of "${deadline}" is none`, async t => {
    const headers = { ...HEADERS, 'lambda-runtime-deadline-ms': deadline }
    t.equal(read('{}', headers).invocation.deadlineMs, 0)
  })
}

for (const headers of [
  without('lambda-runtime-aws-request-id'),
  { ...HEADERS, 'lambda-runtime-aws-request-id': '' },
]) {
  t.test('C47 without a request id there is nobody to answer', async t => {
    t.throws(() => read('{}', headers), {
      name: 'Runtime.PlatformError',
      code: 'INVOCATION_INVALID',
      message: 'next: expected the header lambda-runtime-aws-request-id, got none',
    })
  })
}

for (const [body, event] of [
  ['null', null],
  ['"s"', 's'],
  ['1.5', 1.5],
  ['[]', []],
  [' \n{"a":1}\n', { a: 1 }],
  ['"\\ud83d\\ude00😀"', '😀😀'],
] as const) {
  t.test(`C55 the event ${JSON.stringify(body)} is ${JSON.stringify(event)}`, async t => {
    const { invocation, fault } = read(body)
    t.equal(fault, undefined)
    t.strictSame(invocation.event, event)
  })
}

for (const body of ['{bad', '', '{"a":1', 'undefined', '{}{}']) {
  t.test(`C55 the event ${JSON.stringify(body)} is a fault of this invocation`, async t => {
    const { invocation, fault } = read(body)
    t.match(fault, { name: 'SyntaxError' })
    t.match(invocation, { requestId: 'req-0', event: undefined, tenantId: 'blue' })
  })
}

for (const [header, name, field] of [
  ['lambda-runtime-client-context', 'ClientContext', 'clientContext'],
  ['lambda-runtime-cognito-identity', 'CognitoIdentity', 'identity'],
] as const) {
  t.test(`C53 a ${name} that is not JSON is a fault in AWS's words`, async t => {
    const { invocation, fault } = read('{"a":1}', { ...HEADERS, [header]: '{bad' })
    t.match(fault, { name: 'Error' })
    t.match((fault as Error).message, new RegExp(`^Cannot parse ${name} as json: SyntaxError: `))
    t.equal(invocation[field], undefined)
    t.strictSame(invocation.event, { a: 1 }, 'the event is read all the same')
  })

  t.test(`a ${name} in UTF-8 is read as such, though headers come as latin1`, async t => {
    const text = Buffer.from('{"name":"é⚡"}').toString('latin1')
    t.strictSame(read('1', { ...HEADERS, [header]: text }).invocation[field], { name: 'é⚡' })
  })

  t.test(`a ${name} in JSON's own escapes is read as such`, async t => {
    const { invocation } = read('1', { ...HEADERS, [header]: '{"name":"\\u00e9"}' })
    t.strictSame(invocation[field], { name: 'é' })
  })
}

t.test('of several faults the first is told', async t => {
  const headers = {
    ...HEADERS,
    'lambda-runtime-client-context': '{bad',
    'lambda-runtime-cognito-identity': '{bad',
  }
  t.match(read('{bad', headers).fault, { message: /ClientContext/ })
})
