// Two versions of a client in one function, each hooked and each with its own streams and promises; and what becomes of a rejection
// that nobody handles.
import { join } from 'node:path'
import t from 'tap'
import { startFunction } from '../../helpers/function.ts'
import { installPackages } from '../../helpers/library-forms.ts'
import { startCollector } from '../../helpers/otlp.ts'
import { startModels } from '../../helpers/servers/models.ts'
import { hasInvocations, invocationSpan, markedTree } from '../../helpers/span-tree.ts'

const SOURCE = `
  const versions = [require('openai'), require(process.env.OLDER)]
  const clients = versions.map(({ OpenAI }) => new OpenAI({ apiKey: 'k', baseURL: process.env.BASE }))
  const ask = (client, stream) =>
    client.chat.completions.create({ model: 'gpt-5', messages: [], stream })
  exports.handler = async () => {
    const streams = await Promise.all(clients.map(client => ask(client, true)))
    for (const stream of streams) for await (const part of stream) part.id
    const answers = await Promise.all(clients.map(client => ask(client, false)))
    return {
      ids: answers.map(({ id }) => id),
      isTwo: versions[0].OpenAI !== versions[1].OpenAI,
      own: streams.map((stream, index) => stream instanceof require(
        index === 0 ? 'openai/streaming' : process.env.OLDER + '/streaming').Stream),
      promises: clients.map(client => ask(client, false).constructor.name),
    }
  }`

t.test('two versions at once', async t => {
  const newest = await installPackages('ai', 'newest')
  const older = join(await installPackages('ai', 'older'), 'openai')
  await using models = await startModels()
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: { 'index.js': SOURCE },
    hasPackages: newest,
    events: [{}],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OLDER: older,
      BASE: `http://127.0.0.1:${models.port}/v1`,
      NODE_NO_WARNINGS: '1',
    },
  })
  await fn.answered(1)
  t.strictSame(JSON.parse(fn.api.posts[0]?.body ?? ''), {
    ids: ['chat-1', 'chat-1'],
    isTwo: true,
    own: [true, true],
    promises: ['APIPromise', 'APIPromise'],
  })
  const all = await collector.waitForSpans(hasInvocations(1))
  const [, ...trees] = markedTree(invocationSpan(all, 'req-0'), all)
  const ended = trees.filter(([name]) => name === 'chat gpt-5')
  t.strictSame(ended, Array(4).fill(['chat gpt-5', ['POST']]))
})

const UNHANDLED = `
  const { OpenAI } = require('openai')
  const client = new OpenAI({ apiKey: 'k', baseURL: process.env.BASE, maxRetries: 0 })
  exports.handler = async () => {
    client.chat.completions.create({ model: 'broken', messages: [] })
    await new Promise(resolve => setTimeout(resolve, 5000))
  }`

t.test(
  'a call that nobody waits for and that fails ends the function as it does untraced',
  async t => {
    const newest = await installPackages('ai', 'newest')
    await using models = await startModels()
    await using collector = await startCollector()
    const outcome = async (env: Readonly<Record<string, string>>): Promise<unknown> => {
      await using fn = await startFunction({
        files: { 'index.js': UNHANDLED },
        hasPackages: newest,
        events: [{}],
        env: { BASE: `http://127.0.0.1:${models.port}/v1`, NODE_NO_WARNINGS: '1', ...env },
      })
      await fn.answered(1)
      const [post] = fn.api.posts
      const { errorType, errorMessage } = JSON.parse(post?.body ?? '')
      return [post?.path, errorType, errorMessage]
    }
    const untraced = await outcome({ OTEL_SDK_DISABLED: 'true' })
    t.match(untraced, [/error$/, 'Runtime.UnhandledPromiseRejection'])
    t.strictSame(await outcome({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }), untraced)
  },
)
