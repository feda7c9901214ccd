// A -> Invoke -> B: B stands behind the Invoke API of this repository's emulator.
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startFunction } from '../../local/emulator/function.ts'
import { serveInvokeApi } from '../../local/emulator/invoke-api.ts'
import { LAYER } from '../helpers/function.ts'
import { expectPath, ORDER_EVENT, startRelay } from '../helpers/hops/relay.ts'
import { startCollector } from '../helpers/otlp.ts'

const A = (input: string): string => `
  const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda')
  const client = new LambdaClient({ endpoint: process.env.LAMBDA_URL })
  const own = Buffer.from(JSON.stringify({ custom: { mine: 'kept' } })).toString('base64')
  exports.handler = async () => {
    const { Payload, StatusCode } = await client.send(new InvokeCommand({ FunctionName: 'b', ${input} }))
    return [StatusCode, Buffer.from(Payload ?? '').toString()]
  }`
const B = `
  const { propagation, context } = require('@opentelemetry/api')
  exports.handler = async (event, { clientContext }) =>
    [event.id, clientContext?.custom?.mine, propagation.getBaggage(context.active())?.getEntry('tenant')?.value]`

interface Callee extends AsyncDisposable {
  readonly url: string
}

async function startCallee(collector: string): Promise<Callee> {
  const directory = await mkdtemp(join(tmpdir(), 'baton-callee-'))
  await writeFile(join(directory, 'index.cjs'), B)
  await symlink(
    join(import.meta.dirname, '..', '..', 'node_modules'),
    join(directory, 'node_modules'),
  )
  const fn = await startFunction({
    bootstrap: join(LAYER, 'bootstrap'),
    directory,
    name: 'b',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector, BATON_JOURNAL: join(directory, '.journal') },
  })
  const server = await serveInvokeApi((event, options) => fn.invokeText(event, options))
  return {
    url: server.url,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await fn.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

for (const [title, input, env, answer] of [
  ['synchronous', 'Payload: \'{"id":1}\'', {}, [200, '[1,null,"acme"]']],
  ['asynchronous', "Payload: '{\"id\":1}', InvocationType: 'Event'", {}, [202, '']],
  [
    "beside a client context of A's own",
    'Payload: \'{"id":1}\', ClientContext: own',
    {},
    [200, '[1,"kept","acme"]'],
  ],
  [
    "by X-Ray's header alone",
    'Payload: \'{"id":1}\'',
    { BATON_INJECT: 'headers' },
    [200, '[1,null,null]'],
  ],
] as const) {
  t.test(`an Invoke, ${title}: B is below it`, async t => {
    const collector = await startCollector()
    await using callee = await startCallee(collector.url)
    await using relay = await startRelay({
      a: A(input),
      env: { LAMBDA_URL: callee.url, ...env },
      collector,
    })
    const headers = {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      baggage: 'tenant=acme',
    }
    t.strictSame(await relay.invoke('a', { ...ORDER_EVENT, headers }), answer)
    expectPath(t, await relay.spans(1, 1), [
      '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331',
      'a POST /orders',
      'a Lambda.Invoke',
      'b b',
    ])
  })
}
