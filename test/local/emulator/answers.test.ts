// What a runtime is given, and what the caller gets back.
import { basename } from 'node:path'
import t from 'tap'
import { startFunction } from '../../../local/emulator/function.ts'
import { startScripted } from './start-scripted.ts'

const ECHO = 'await serve(event => ({ event, pid: process.pid }))'
const HEADERS = 'await serve((event, { headers }) => headers)'

t.test('an event goes in and the posted result comes out, one process for both events', async t => {
  await using fn = await startScripted(t, ECHO)
  const first = await fn.invoke({ greeting: 'wörld' })
  const second = await fn.invoke(undefined)
  t.equal(first.kind, 'response')
  t.strictSame(JSON.parse(first.body).event, { greeting: 'wörld' })
  t.equal(JSON.parse(second.body).event, null)
  t.equal(JSON.parse(first.body).pid, JSON.parse(second.body).pid)
  t.not(first.requestId, second.requestId)
  t.ok(first.durationMs > 0)
})

t.test('events that come at once are served one after the other, in order', async t => {
  await using fn = await startScripted(
    t,
    'let running = 0; await serve(async event => { running++; await null; return [event, running--] })',
  )
  const answers = await Promise.all([1, 2, 3].map(event => fn.invoke(event)))
  t.strictSame(
    answers.map(answer => JSON.parse(answer.body)),
    [
      [1, 1],
      [2, 1],
      [3, 1],
    ],
  )
})

t.test('an event that is not JSON reaches the runtime as it is', async t => {
  const code = 'const event = await next(); await respond(idOf(event), event.text)'
  await using fn = await startScripted(t, code)
  t.equal((await fn.invokeText('{not json')).body, '{not json')
})

t.test('every header of an event is there when the caller has something to say', async t => {
  await using fn = await startScripted(t, HEADERS, { timeoutMs: 60_000 })
  const before = Date.now()
  const answer = await fn.invoke(
    {},
    {
      clientContext: { custom: { city: 'Zürich' } },
      identity: { cognitoIdentityId: 'id', cognitoIdentityPoolId: 'pool' },
      tenantId: 'tenant-1',
      traceHeader: 'Root=1-1-2;Parent=3;Sampled=1;Lineage=1:a87bd80c:0',
    },
  )
  const headers = JSON.parse(answer.body)
  t.match(headers, {
    'lambda-runtime-aws-request-id': answer.requestId,
    'lambda-runtime-aws-tenant-id': 'tenant-1',
    'lambda-runtime-trace-id': 'Root=1-1-2;Parent=3;Sampled=1;Lineage=1:a87bd80c:0',
    'lambda-runtime-cognito-identity': '{"cognitoIdentityId":"id","cognitoIdentityPoolId":"pool"}',
    'lambda-runtime-invoked-function-arn': /^arn:aws:lambda:us-east-1:\d{12}:function:[\w.-]+$/,
    'content-type': 'application/json',
  })
  const context = Buffer.from(headers['lambda-runtime-client-context'], 'latin1').toString('utf8')
  t.strictSame(JSON.parse(context), { custom: { city: 'Zürich' } })
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms'])
  t.ok(deadlineMs >= before + 60_000 && deadlineMs <= Date.now() + 60_000)
})

t.test('headers with nothing to say are absent, but for an unsampled trace header', async t => {
  await using fn = await startScripted(t, HEADERS)
  const headers = JSON.parse((await fn.invoke({})).body)
  t.match(
    headers['lambda-runtime-trace-id'],
    /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/,
  )
  for (const name of ['client-context', 'cognito-identity', 'aws-tenant-id'])
    t.notOk(Object.hasOwn(headers, `lambda-runtime-${name}`), name)
  const silent = JSON.parse((await fn.invoke({}, { traceHeader: '' })).body)
  t.notOk(Object.hasOwn(silent, 'lambda-runtime-trace-id'))
})

t.test("the process sees Lambda's variables, its own, and nothing of this machine's", async t => {
  process.env.BATON_TEST_LEAK = 'leaked'
  t.teardown(() => delete process.env.BATON_TEST_LEAK)
  await using fn = await startScripted(
    t,
    'await serve(() => ({ env: process.env, cwd: process.cwd(), argv: process.argv.length }))',
    { handler: 'app.main', memoryMb: 512, env: { TABLE: 'orders', LANG: 'C' } },
  )
  const { env, cwd, argv } = JSON.parse((await fn.invoke({})).body)
  t.equal(argv, 2)
  t.match(env, {
    _HANDLER: 'app.main',
    LAMBDA_TASK_ROOT: cwd,
    AWS_LAMBDA_RUNTIME_API: /^127\.0\.0\.1:\d+$/,
    AWS_LAMBDA_FUNCTION_NAME: basename(cwd),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${basename(cwd)}`,
    AWS_LAMBDA_LOG_STREAM_NAME: /./,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    TZ: ':UTC',
    TABLE: 'orders',
    LANG: 'C',
  })
  t.notOk(Object.hasOwn(env, 'BATON_TEST_LEAK'))
})

t.test('an error that the runtime posts is the answer, under the type its body names', async t => {
  await using fn = await startScripted(
    t,
    `const bodies = ['{"errorType":"Boom","errorMessage":"no"}', 'not json']
    for (const body of bodies) {
      await fail(idOf(await next()), body, { 'Lambda-Runtime-Function-Error-Type': 'Function.Unhandled' })
    }`,
  )
  t.match(await fn.invoke({}), {
    kind: 'error',
    errorType: 'Boom',
    body: '{"errorType":"Boom","errorMessage":"no"}',
    origin: 'invocation',
  })
  t.match(await fn.invoke({}), { kind: 'error', errorType: 'Function.Unhandled', body: 'not json' })
})

t.test('a streamed response is collected, byte for byte', async t => {
  await using fn = await startScripted(
    t,
    `const event = await next()
    await call('POST', \`/runtime/invocation/\${idOf(event)}/response\`, {
      headers: { 'Lambda-Runtime-Function-Response-Mode': 'streaming', 'Content-Type': 'image/png',
        'Transfer-Encoding': 'chunked' },
      write: request => { request.write(Buffer.from([0xff, 0])); request.end(Buffer.alloc(7_000_000)) },
    })`,
  )
  const answer = await fn.invoke({})
  if (answer.kind !== 'response') throw new Error(answer.body)
  t.equal(answer.isStreamed, true)
  t.equal(answer.contentType, 'image/png')
  t.equal(answer.bytes.length, 7_000_002, 'the limit of a buffered response does not hold')
  t.strictSame([...answer.bytes.subarray(0, 2)], [0xff, 0])
})

t.test('a stream that failed on its way says so beside what had come', async t => {
  await using fn = await startScripted(
    t,
    `const event = await next()
    await call('POST', \`/runtime/invocation/\${idOf(event)}/response\`, {
      headers: { 'Lambda-Runtime-Function-Response-Mode': 'streaming',
        Trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body' },
      write: request => {
        request.write('half')
        request.addTrailers({ 'Lambda-Runtime-Function-Error-Type': 'Boom',
          'Lambda-Runtime-Function-Error-Body': Buffer.from('{"errorType":"Boom"}').toString('base64') })
        request.end()
      },
    })`,
  )
  t.match(await fn.invoke({}), {
    kind: 'response',
    body: 'half',
    streamError: { errorType: 'Boom', body: '{"errorType":"Boom"}' },
  })
})

t.test('a folder that is not there is refused by name', async t => {
  await t.rejects(startFunction({ bootstrap: '/bin/true', directory: '/nowhere/at-all' }), {
    name: 'EmulatorError',
    code: 'DIRECTORY_MISSING',
    message: /"\/nowhere\/at-all"/,
  })
})
