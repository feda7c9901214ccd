import t from 'tap'
import type { Invocation } from '../../../runtime/contract.ts'
import {
  createHandlerArguments,
  type FunctionInfo,
  type HandlerContext,
} from '../../../runtime/invocation/context.ts'
import { RunningInvocation } from '../../../runtime/invocation/in-flight.ts'
import { selectProfile } from '../../../runtime/profile.ts'

const INFO: FunctionInfo = {
  functionName: 'fn',
  functionVersion: '$LATEST',
  memoryLimitInMB: '128',
  logGroupName: '/aws/lambda/fn',
  logStreamName: 'stream',
}
const INVOCATION: Invocation = {
  requestId: 'req-0',
  deadlineMs: 0,
  functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:fn',
  traceHeader: 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700',
  clientContext: undefined,
  identity: { cognitoIdentityId: 'i' },
  tenantId: 'blue',
  event: {},
  isColdStart: true,
}

const profile = selectProfile('baton', '24.0.0')

const createHandlerContext = (invocation: Invocation, info: FunctionInfo): HandlerContext =>
  createHandlerArguments(new RunningInvocation(invocation), { info, profile, isSideBySide: false })
    .context

const contextWith = (fields: Partial<Invocation>, info = INFO) =>
  createHandlerContext({ ...INVOCATION, ...fields }, info)

t.test("C49 C50 keys and their order are AWS's; w3c is there and not listed", async t => {
  const context = contextWith({})
  const { getRemainingTimeInMillis, ...values } = context
  t.strictSame(Object.keys(context), [
    'clientContext',
    'identity',
    'invokedFunctionArn',
    'awsRequestId',
    'tenantId',
    'xRayTraceId',
    'getRemainingTimeInMillis',
    'functionName',
    'functionVersion',
    'memoryLimitInMB',
    'logGroupName',
    'logStreamName',
  ])
  t.type(getRemainingTimeInMillis, 'function')
  t.type(context.w3c, 'function')
  t.strictSame(values, {
    clientContext: undefined,
    identity: { cognitoIdentityId: 'i' },
    invokedFunctionArn: INVOCATION.functionArn,
    awsRequestId: 'req-0',
    tenantId: 'blue',
    xRayTraceId: INVOCATION.traceHeader,
    functionName: 'fn',
    functionVersion: '$LATEST',
    memoryLimitInMB: '128',
    logGroupName: '/aws/lambda/fn',
    logStreamName: 'stream',
  })
})

t.test('C9 C49 what is not known is there and undefined', async t => {
  const nothing: FunctionInfo = {
    functionName: undefined,
    functionVersion: undefined,
    memoryLimitInMB: undefined,
    logGroupName: undefined,
    logStreamName: undefined,
  }
  const unknown = { traceHeader: undefined, identity: undefined, tenantId: undefined }
  const context = contextWith(unknown, nothing)
  for (const key of [...Object.keys(nothing), 'identity', 'tenantId', 'xRayTraceId']) {
    t.ok(key in context, `${key} is there`)
    t.equal(Reflect.get(context, key), undefined)
  }
})

t.test('C51 C48 the time left counts down to the deadline and below zero', async t => {
  const remaining = (deadlineMs: number) => contextWith({ deadlineMs }).getRemainingTimeInMillis()
  const before = Date.now()
  const future = remaining(before + 60_000)
  t.ok(future <= 60_000 && future >= 60_000 - (Date.now() - before), `${future}`)
  t.ok(remaining(Date.now() - 1000) <= -1000)
  t.ok(remaining(0) < 0, 'a deadline that was not given is long past')
})

t.test('the time left needs no this', async t => {
  const { getRemainingTimeInMillis } = contextWith({ deadlineMs: Number.POSITIVE_INFINITY })
  t.equal(getRemainingTimeInMillis(), Number.POSITIVE_INFINITY)
})

t.test('C52 the client context is as it was sent', async t => {
  const sent = { custom: { k: 'v' }, Custom: 1, env: {} }
  t.equal(contextWith({ clientContext: sent }).clientContext, sent)
  t.strictSame(sent, { custom: { k: 'v' }, Custom: 1, env: {} })
})

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

for (const [name, w3c, expected] of [
  ['all three', { traceparent: TRACEPARENT, tracestate: 'a=1', baggage: 'b=2' }, undefined],
  ['other keys', { traceparent: TRACEPARENT, x: '1' }, { traceparent: TRACEPARENT }],
  ['values that are no texts', { traceparent: 1, tracestate: null, baggage: {} }, {}],
  ['nothing', {}, {}],
  ['null', null, {}],
  ['a list', [TRACEPARENT], {}],
  ['a text', TRACEPARENT, {}],
] as const) {
  t.test(`C54 w3c of ${name} is taken out of the client context`, async t => {
    const clientContext = { w3c, custom: { k: 'v' } }
    const context = contextWith({ clientContext })
    t.strictSame(context.w3c(), expected ?? w3c)
    t.ok(Object.isFrozen(context.w3c()))
    t.strictSame(context.clientContext, { custom: { k: 'v' } })
    t.strictSame(clientContext.w3c, w3c, 'the tracer still finds it on the invocation')
  })
}

for (const clientContext of [undefined, null, 'text', 1, [], { custom: {} }]) {
  t.test(`C54 without w3c, ${JSON.stringify(clientContext)} stays and w3c() is empty`, async t => {
    const context = contextWith({ clientContext })
    t.equal(context.clientContext, clientContext)
    t.strictSame(context.w3c(), {})
    t.ok(Object.isFrozen(context.w3c()))
  })
}
