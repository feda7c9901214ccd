// LangChain above AWS's SDK: what the SDK's call knows of the model stands on the span of LangChain's run, and on no other.
import { join } from 'node:path'
import t from 'tap'
import { startAwsServers } from '../../helpers/aws-servers.ts'
import { startFunction } from '../../helpers/function.ts'
import { installPackages } from '../../helpers/library-forms.ts'
import { startCollector } from '../../helpers/otlp.ts'
import { hasInvocations, invocationSpan, markedTree, spansBelow } from '../../helpers/span-tree.ts'

const SDK = join(import.meta.dirname, '../../../node_modules/@aws-sdk/client-bedrock-runtime')
const SOURCE = `
  const { SimpleChatModel } = require('@langchain/core/language_models/chat_models')
  const { BedrockRuntimeClient, ConverseCommand } = require(${JSON.stringify(SDK)})
  const client = new BedrockRuntimeClient({ endpoint: process.env.HTTP2_URL })
  const ask = async text => {
    const messages = [{ role: 'user', content: [{ text }] }]
    const { output } = await client.send(new ConverseCommand({ modelId: 'claude', messages }))
    return output.message.content[0].text
  }
  class Model extends SimpleChatModel {
    _llmType() { return 'own' }
    _call([{ content }]) { return ask(content) }
  }
  const ways = { langchain: text => new Model({}).invoke(text).then(({ content }) => content), sdk: ask }
  exports.handler = ({ way }) => ways[way]('secret question')`

t.test('a call of a model is counted once', async t => {
  await using aws = await startAwsServers()
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: { 'index.js': SOURCE },
    hasPackages: await installPackages('ai', 'newest'),
    events: [{ way: 'langchain' }, { way: 'sdk' }],
    env: { ...aws.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, NODE_NO_WARNINGS: '1' },
  })
  await fn.answered(2)
  t.strictSame(
    fn.api.posts.map(({ body }) => body),
    ['"Hello."', '"Hello."'],
  )
  const all = await collector.waitForSpans(hasInvocations(2))
  const below = spansBelow(invocationSpan(all, 'req-0'), all)
  const alone = spansBelow(invocationSpan(all, 'req-1'), all)
  const [, ...tree] = markedTree(invocationSpan(all, 'req-0'), all)
  t.strictSame(tree, [['chat', ['Bedrock Runtime.Converse']]])
  const known = {
    'gen_ai.provider.name': 'aws.bedrock',
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'claude',
    'gen_ai.usage.input_tokens': 11,
    'gen_ai.usage.output_tokens': 3,
  }
  const genAi = (attributes: object = {}): readonly string[] =>
    Object.keys(attributes).filter(name => name.startsWith('gen_ai.'))
  t.match(below[0]?.attributes, known)
  t.strictSame(genAi(below[1]?.attributes), [])
  t.match(alone[0]?.attributes, known)
})
