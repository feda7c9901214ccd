// URLs that the AWS SDK signs for others to call: none of our headers may be covered by such a signature, for whoever calls has
// not got them. Requests that it sends carry them all the same, in whatever form the function is deployed.
import { join } from 'node:path'
import t from 'tap'
import { FORMS, filesOf, isHooked } from '../helpers/aws-calls.ts'
import { startAwsServer } from '../helpers/aws-server.ts'
import { BUNDLERS, bundle } from '../helpers/bundlers.ts'
import { type FunctionOptions, startFunction } from '../helpers/function.ts'
import { expectTree, startCollector } from '../helpers/otlp.ts'

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
const SOURCE = join(import.meta.dirname, '..', 'fixtures', 'aws-calls', 'presigned.mjs')
const EVENT = {
  version: '2.0',
  routeKey: 'GET /link',
  rawPath: '/link',
  headers: {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    tracestate: 'up=1',
    baggage: 'tenant=acme',
  },
  requestContext: { http: { method: 'GET' } },
}

interface Case {
  readonly form: string
  readonly hasHooks: boolean
  readonly toFiles: () => Promise<FunctionOptions['files']>
}

const minified = (bundler: (typeof BUNDLERS)[number]): Case => ({
  form: `minified by ${bundler}`,
  hasHooks: false,
  toFiles: () =>
    bundle(bundler, { entry: SOURCE, format: 'esm', isMinified: true, hasPlugin: false }),
})

const CASES: readonly Case[] = [
  ...FORMS.map(form => ({
    form,
    hasHooks: isHooked(form),
    toFiles: () => filesOf(form, SOURCE),
  })),
  ...BUNDLERS.map(minified),
]

for (const { form, hasHooks, toFiles } of CASES) {
  t.test(`${form}: a URL is signed without our headers, a request is sent with them`, async t => {
    await using aws = await startAwsServer({
      service: 'secretsmanager',
      region: 'us-east-1',
      keys: KEYS,
      answer: () => ({ body: { Name: 'api-key' } }),
    })
    await using collector = await startCollector()
    const files = await toFiles()
    await using fn = await startFunction({
      files,
      hasPackages: Object.values(files).join('').length < 100_000,
      events: [EVENT],
      env: {
        AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
        AWS_URL: aws.url,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      },
    })
    await fn.answered(1)
    const spans = await collector.waitForSpans(all => all.some(span => span.kind === 'SERVER'))
    const { url, told } = JSON.parse(fn.api.posts[0]?.body ?? '')
    t.equal(new URL(url).searchParams.get('X-Amz-SignedHeaders'), 'host')

    expectTree(t, spans, ['GET /link', ['Secrets Manager.GetSecretValue']])
    const [call, invocation] = spans
    t.strictSame(
      told,
      [`00-${invocation?.traceId}-${invocation?.spanId}-01`, 'up=1', 'tenant=acme'],
      'the function itself is told',
    )
    const [request] = aws.requests
    t.equal(request?.flaw, undefined, 'signed well')
    t.match(request?.headers, {
      traceparent: `00-${call?.traceId}-${call?.spanId}-01`,
      tracestate: 'up=1',
      baggage: 'tenant=acme',
    })
    const sender = hasHooks ? call : invocation
    t.match(request?.headers['x-amzn-trace-id'], `Parent=${sender?.spanId}`)
  })
}
