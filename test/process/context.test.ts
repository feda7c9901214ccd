// C48-C54: the handler's second argument.
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { FUNCTION_ARN, TRACE_HEADER } from '../helpers/runtime-api.ts'

t.test('C49-C52 the context', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': `exports.handler = async (e, c) => ({
        keys: Object.keys(c), remaining: c.getRemainingTimeInMillis(), w3c: typeof c.w3c, ...c })`,
    },
    env: { BATON_PROFILE: 'nodejs24.x' },
    events: [
      {
        body: '{}',
        headers: {
          'Lambda-Runtime-Client-Context': '{"custom":{"k":"v"},"env":{},"Custom":1}',
          'Lambda-Runtime-Cognito-Identity':
            '{"cognitoIdentityId":"i","cognitoIdentityPoolId":"p"}',
          'Lambda-Runtime-Aws-Tenant-Id': 'blue',
        },
      },
    ],
  })
  await fn.answered(1)
  const { keys, remaining, ...context } = JSON.parse(fn.api.posts[0]?.body ?? '')
  t.strictSame(keys, [
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
  t.strictSame(context, {
    clientContext: { custom: { k: 'v' }, env: {}, Custom: 1 },
    identity: { cognitoIdentityId: 'i', cognitoIdentityPoolId: 'p' },
    invokedFunctionArn: FUNCTION_ARN,
    awsRequestId: 'req-0',
    tenantId: 'blue',
    xRayTraceId: TRACE_HEADER,
    functionName: 'fn',
    functionVersion: '$LATEST',
    memoryLimitInMB: '128',
    logGroupName: '/aws/lambda/fn',
    logStreamName: 'stream',
    w3c: 'function',
  })
  t.ok(remaining > 0 && remaining <= 3000, 'C51 the time left counts down from the deadline')
})

t.test('C48 no deadline and no ARN', async t => {
  await using fn = await startFunction({
    files: {
      'index.js':
        'exports.handler = async (e, c) => [c.getRemainingTimeInMillis() < 0, c.invokedFunctionArn]',
    },
    events: [
      {
        body: '{}',
        headers: {
          'Lambda-Runtime-Deadline-Ms': null,
          'Lambda-Runtime-Invoked-Function-Arn': null,
        },
      },
    ],
  })
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.body, '[true,""]')
})

t.test('C53 a client context that is not JSON fails its invocation alone', async t => {
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async () => 1' },
    events: [{ body: '{}', headers: { 'Lambda-Runtime-Client-Context': '{bad' } }, {}],
  })
  await fn.answered(2)
  t.match(fn.api.posts, [{ operation: 'error' }, { operation: 'response' }])
  t.match(JSON.parse(fn.api.posts[0]?.body ?? ''), {
    errorType: 'Error',
    errorMessage: /^Cannot parse ClientContext as json: SyntaxError/,
  })
})

t.test('C54 W3C context of a direct Invoke is taken out of the client context', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': `exports.handler = async (e, c) => [c.w3c(), Object.isFrozen(c.w3c()), c.clientContext]`,
    },
    events: [
      {
        body: '{}',
        headers: {
          'Lambda-Runtime-Client-Context': '{"w3c":{"traceparent":"00-x","x":1},"custom":{}}',
        },
      },
      { body: '{}', headers: { 'Lambda-Runtime-Client-Context': '{"w3c":[1]}' } },
    ],
  })
  await fn.answered(2)
  t.match(fn.api.posts, [
    { body: '[{"traceparent":"00-x"},true,{"custom":{}}]' },
    { body: '[{},true,{}]' },
  ])
})
