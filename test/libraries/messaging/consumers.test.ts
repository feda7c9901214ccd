// Consumers that are older than the invocation: begun while the function started, or in an invocation that is over. What they
// are handed is in the sender's trace, or begins one; no invocation is its parent, since none asked for it.
import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { startFunction } from '../../helpers/function.ts'
import { installPackages } from '../../helpers/library-forms.ts'
import { type CollectedSpan, startCollector } from '../../helpers/otlp.ts'
import { startNats } from '../../helpers/servers/brokers.ts'
import { hasInvocations } from '../../helpers/span-tree.ts'

const FUNCTION = `
  const nats = require('nats')
  const core = require(process.env.NEWEST + '/@nats-io/transport-node')
  const options = { servers: '127.0.0.1:' + process.env.SERVER_PORT }
  const counts = {}
  for (const [name, { headers }] of Object.entries({ nats, core })) {
    const prototype = Object.getPrototypeOf(headers())
    const { encode } = prototype
    prototype.encode = function () {
      counts[name] = (counts[name] ?? 0) + 1
      return encode.call(this)
    }
  }
  const handled = { started: 0, begun: 0 }
  let done
  const all = new Promise(resolve => (done = resolve))
  const consume = (connection, subject) =>
    connection.subscribe(subject, {
      callback: (error, { data }) => {
        connection.publish('after.' + subject, data)
        handled[subject]++
        if (handled.started === 2 && handled.begun === 2) done()
      },
    })
  const opened = Promise.all([nats.connect(options), core.connect(options)]).then(async both => {
    consume(both[0], 'started')
    await both[0].flush()
    return both
  })
  const calls = {
    begin: async ([, newer]) => {
      consume(newer, 'begun')
      await newer.flush()
    },
    send: async ([older, newer]) => {
      newer.publish('started', 'x')
      older.publish('begun', 'x')
      await all
      return counts
    },
    none: () => undefined,
  }
  exports.handler = async ({ call }) => (await calls[call](await opened)) ?? null
`

/** As one publishes who knows nothing of traces. */
async function publish(port: number, subjects: readonly string[]): Promise<void> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  const lines = subjects.map(subject => `PUB ${subject} 1\r\nx\r\n`)
  socket.write(`CONNECT {"verbose":false}\r\n${lines.join('')}PING\r\n`)
  let said = ''
  while (!said.includes('PONG')) said += String(await once(socket, 'data'))
  socket.destroy()
}

t.test('what comes between invocations, and while another one runs', async t => {
  await using server = await startNats()
  await using collector = await startCollector()
  const packages = await installPackages('messaging', 'older')
  await using fn = await startFunction({
    files: { 'index.cjs': FUNCTION },
    hasPackages: packages,
    events: [{ body: '{"call":"begin"}' }],
    env: {
      SERVER_PORT: String(server.port),
      NEWEST: await installPackages('messaging', 'newest'),
      BATON_SHIP: 'now',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    },
  })
  await fn.answered(1)
  await publish(server.port, ['started', 'begun'])
  const named =
    (name: string) =>
    (all: readonly CollectedSpan[]): readonly CollectedSpan[] =>
      all.filter(span => span.name === name)
  fn.api.push({ body: '{"call":"send"}' })
  fn.api.push({ body: '{"call":"none"}' })
  await fn.answered(3)
  t.strictSame(JSON.parse(fn.api.posts[1]?.body ?? ''), { nats: 3, core: 3 }, 'each by its own')
  const spans = await collector.waitForSpans(
    all => hasInvocations(3)(all) && ['started', 'begun'].every(name => isTold(all, name)),
  )
  const invocations = spans.filter(span => 'faas.invocation_id' in span.attributes)
  for (const subject of ['started', 'begun']) {
    const [alone, sent] = [...named(`process ${subject}`)(spans)].sort(byParent)
    t.equal(alone?.kind, 'CONSUMER')
    t.equal(alone?.parentSpanId, undefined, `${subject}: it begins a trace`)
    t.notOk(invocations.some(({ traceId }) => traceId === alone?.traceId))
    const [send] = named(`publish ${subject}`)(spans)
    t.equal(sent?.parentSpanId, send?.spanId, `${subject}: it is in its sender's trace`)
    t.strictSame([alone?.links, sent?.links], [[], []], 'no link to an invocation that is over')
    const below = named(`publish after.${subject}`)(spans).map(span => span.parentSpanId)
    t.strictSame(below.sort(), [alone?.spanId, sent?.spanId].sort(), 'the context within')
    for (const span of [alone, sent]) t.notOk('baton.unfinished' in (span?.attributes ?? {}))
  }
})

const isTold = (all: readonly CollectedSpan[], subject: string): boolean =>
  [`process ${subject}`, `publish after.${subject}`].every(
    name => all.filter(span => span.name === name).length === 2,
  )

const byParent = (a: CollectedSpan, b: CollectedSpan): number =>
  Number(a.parentSpanId !== undefined) - Number(b.parentSpanId !== undefined)
