// Lambda's Invoke API in front of a scripted runtime.
import t, { type Test } from 'tap'
import { startFunction } from '../../../local/emulator/function.ts'
import { EVENT_LIMIT_BYTES, serveInvokeApi } from '../../../local/emulator/invoke-api.ts'
import { writeBootstrap } from './start-scripted.ts'

/** Answers with the event and the headers that it came with; fails, or streams, when it is told to. */
const ECHO = `
for (;;) {
  const event = await next()
  const id = idOf(event)
  const input = JSON.parse(event.text)
  if (input.fail) await fail(id, '{"errorType":"Boom","errorMessage":"no"}')
  else if (input.stream) await respond(id, 'text',
    { 'Lambda-Runtime-Function-Response-Mode': 'streaming', 'Content-Type': 'text/x' })
  else await respond(id, JSON.stringify(input.size ? input.size.length : { input,
    context: event.headers['lambda-runtime-client-context'], trace: event.headers['lambda-runtime-trace-id'],
    tenant: event.headers['lambda-runtime-aws-tenant-id'] }))
}`
const PATH = '/2015-03-31/functions/function/invocations'

async function serve(t: Test) {
  const { bootstrap, directory } = writeBootstrap(t, ECHO)
  const fn = await startFunction({ bootstrap, directory })
  const server = await serveInvokeApi((event, options) => fn.invokeText(event, options))
  t.teardown(async () => {
    await server.close()
    await fn.stop()
  })
  return (body: string, headers: Record<string, string> = {}, path = PATH) =>
    fetch(server.url + path, { method: 'POST', body, headers })
}

t.test(
  'an event goes in, with what its caller says beside it, and the result comes back',
  async t => {
    const post = await serve(t)
    const response = await post('{"a":"é"}', {
      'X-Amz-Client-Context': Buffer.from('{"custom":{"b":1}}').toString('base64'),
      'X-Amzn-Trace-Id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1;Lineage=1:a:0',
      'X-Amz-Tenant-Id': 'blue',
    })
    t.equal(response.status, 200)
    t.equal(response.headers.get('content-type'), 'application/json')
    t.equal(response.headers.get('x-amz-executed-version'), '$LATEST')
    t.match(response.headers.get('x-amzn-requestid'), /^[0-9a-f-]{36}$/)
    t.notOk(response.headers.has('x-amz-function-error'))
    t.strictSame(await response.json(), {
      input: { a: 'é' },
      context: '{"custom":{"b":1}}',
      trace: 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1;Lineage=1:a:0',
      tenant: 'blue',
    })
  },
)

t.test('an error of the function is an answer with 200 and a header', async t => {
  const post = await serve(t)
  const response = await post('{"fail":true}')
  t.equal(response.status, 200)
  t.equal(response.headers.get('x-amz-function-error'), 'Unhandled')
  t.strictSame(await response.json(), { errorType: 'Boom', errorMessage: 'no' })
})

t.test('a stream comes with its own content type; no payload is an empty object', async t => {
  const post = await serve(t)
  const streamed = await post('{"stream":true}')
  t.equal(streamed.headers.get('content-type'), 'text/x')
  t.equal(await streamed.text(), 'text')
  t.match(await (await post('')).json(), { input: {} })
})

t.test('an asynchronous invocation is taken, a dry run is not run', async t => {
  const post = await serve(t)
  t.equal((await post('{}', { 'X-Amz-Invocation-Type': 'Event' })).status, 202)
  t.equal((await post('{}', { 'X-Amz-Invocation-Type': 'DryRun' })).status, 204)
})

t.test('what Lambda refuses is refused', async t => {
  const post = await serve(t)
  const refused = async (response: Response) => [
    response.status,
    response.headers.get('x-amzn-errortype'),
  ]
  t.strictSame(await refused(await post('{')), [400, 'InvalidRequestContentException'])
  t.strictSame(await refused(await post('{}', { 'X-Amz-Client-Context': '{' })), [
    400,
    'InvalidRequestContentException',
  ])
  t.strictSame(await refused(await post('{}', {}, '/invoke')), [404, 'UnknownOperationException'])
  t.strictSame(await refused(await post('{}', { Origin: 'https://a.example' })), [
    403,
    'AccessDeniedException',
  ])
  const fill = (bytes: number) => `{"size":"${'x'.repeat(bytes - 11)}"}`
  const most = await post(fill(EVENT_LIMIT_BYTES))
  t.equal(await most.json(), EVENT_LIMIT_BYTES - 11)
  t.strictSame(await refused(await post(fill(EVENT_LIMIT_BYTES + 1))), [
    413,
    'RequestTooLargeException',
  ])
})
