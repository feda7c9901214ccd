// The demo as a user runs it, and what it claims checked once more from outside. Needs the built runtime.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { examine } from '../../../examples/demo/findings.ts'
import { runOrders } from '../../../examples/demo/run-orders.ts'
import { isSignatureRight, signedHeaders } from '../../../examples/demo/sigv4.ts'
import { expectTree } from '../../helpers/otlp.ts'

const DEMO = fileURLToPath(new URL('../../../examples/demo.ts', import.meta.url))

t.test('npm run demo prints the answer, the trace and what to notice, and ends with 0', async t => {
  // By way of `env -i`: the test runner adds to the environment of what it sees started.
  const demo = spawn('/usr/bin/env', ['-i', process.execPath, DEMO])
  const status = new Promise(resolve => demo.once('close', resolve))
  const [stdout, stderr] = await Promise.all([text(demo.stdout), text(demo.stderr)])
  t.equal(await status, 0)
  t.equal(stderr, '')
  t.match(stdout, 'HTTP 201\n')
  t.match(stdout, '"totalCents": 7730')
  t.match(stdout, 'trace 4bf92f3577b34da6a3ce929d0e0e4736\n')
  t.match(stdout, 'parent 00f067aa0ba902b7 reported elsewhere\nPOST /orders ')
  t.equal(stdout.match(/^✓ /gm)?.length, 7)
  t.notMatch(stdout, '✗')
})

t.test('one order leaves one trace, whose requests AWS would accept', async t => {
  const run = await runOrders(() => {})

  t.test('the trace is one tree', async t => {
    expectTree(t, run.spans, ['POST /orders', ['DynamoDB.GetItem'], ['POST'], ['DynamoDB.PutItem']])
  })

  t.test("DynamoDB's requests are signed over our traceparent, and rightly", async t => {
    const operations = run.dynamoDbRequests.map(request => request.headers['x-amz-target'])
    t.strictSame(operations, ['DynamoDB_20120810.GetItem', 'DynamoDB_20120810.PutItem'])
    for (const request of run.dynamoDbRequests) {
      t.match(request.headers.traceparent, /^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/)
      t.ok(signedHeaders(request).includes('traceparent'))
      t.ok(isSignatureRight(request, run.credentials))
    }
  })

  t.test(
    'a signature is wrong once a signed header, the body, the path or the secret is another',
    async t => {
      const [request] = run.dynamoDbRequests
      if (request === undefined) throw new Error('no request')
      const { headers, body } = request
      const traceparent = headers.traceparent?.replace(/-01$/, '-00') ?? ''
      for (const changed of [
        { ...request, headers: { ...headers, traceparent } },
        { ...request, body: Buffer.concat([body, Buffer.from(' ')]) },
        { ...request, path: '/other' },
        { ...request, method: 'PUT' },
        { ...request, headers: { ...headers, authorization: 'Basic abc' } },
      ])
        t.notOk(isSignatureRight(changed, run.credentials))
      t.notOk(isSignatureRight(request, { ...run.credentials, secretAccessKey: 'other' }))
      const unsigned = { ...request, headers: { ...headers, 'user-agent': 'other' } }
      t.ok(isSignatureRight(unsigned, run.credentials), 'a header that is not signed may change')
    },
  )

  t.test('every point fails when what it says is not so', async t => {
    const other = '00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-01'
    const reparented = run.dynamoDbRequests.map(request => ({
      ...request,
      headers: { ...request.headers, traceparent: other },
    }))
    const holding = (changed: Partial<typeof run>): string =>
      examine({ ...run, ...changed })
        .map(finding => (finding.holds ? 'y' : 'n'))
        .join('')
    t.equal(holding({}), 'yyyyyyy')
    t.equal(
      holding({
        answer: { ...run.answer, kind: 'error', errorType: 'Boom', body: '', origin: 'invocation' },
      }),
      'nyyyyyy',
    )
    t.equal(holding({ event: { headers: { traceparent: other } } }), 'ynnyyyy')
    t.equal(holding({ spans: [] }), 'ynnnnny')
    t.equal(holding({ shippingRequests: [] }), 'yyyynyy')
    t.equal(holding({ shippingRequests: reparented.slice(0, 1) }), 'yyyynyy')
    t.equal(holding({ dynamoDbRequests: reparented }), 'yyyyynn')
    t.equal(holding({ dynamoDbRequests: [] }), 'yyyyynn')
    t.equal(holding({ credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }), 'yyyyyyn')
  })
})
