// LangChain above OpenAI's client: a call of a model is one span, LangChain's, which has what either knows; and it is the client's
// requests' parent.
import t from 'tap'
import { runLibrary } from '../../helpers/library-run.ts'
import { startModels } from '../../helpers/servers/models.ts'
import { testStore } from '../../helpers/store-table.ts'

const CHAT = ['chat gpt-4o', ['POST']] as const
const POST = [['POST']] as const

testStore(t, {
  family: 'ai',
  source: 'langchain-openai.mjs',
  module: '@langchain/openai',
  start: startModels,
  env: { BATON_BUNDLE_CHECK: 'false' },
  versions: [
    { packages: 'newest', version: '1.', inBundles: 'as without a hook' },
    { packages: 'older', version: '0.6.', inBundles: 'as without a hook' },
  ],
  rows: [
    {
      call: 'model',
      spans: [CHAT],
      inBundle: POST,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.request.temperature': 0.5,
        'gen_ai.response.id': 'chat-1',
        'gen_ai.response.model': /^gpt-4o-2026/,
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.usage.input_tokens': 11,
        'gen_ai.usage.output_tokens': 7,
        'server.address': '127.0.0.1',
      },
    },
    {
      call: 'tool',
      spans: [CHAT],
      inBundle: POST,
      attributes: { 'gen_ai.response.finish_reasons': ['tool_calls'] },
    },
    {
      call: 'stream',
      spans: [CHAT],
      inBundle: POST,
      attributes: {
        'gen_ai.response.time_to_first_chunk': Number,
        'gen_ai.usage.output_tokens': 7,
      },
    },
    { call: 'chain', spans: [['invoke_workflow RunnableSequence', CHAT]], inBundle: POST },
    { call: 'leave', spans: [['chat endless', ['POST!']]], inBundle: [['POST!']] },
    {
      call: 'broken',
      spans: [['chat broken!', ['POST!']]],
      inBundle: [['POST!']],
      attributes: { 'error.type': '400' },
    },
    { call: 'embed', spans: [['embeddings embed-3', ['POST']]], inBundle: POST },
    {
      call: 'queued',
      spans: [
        ['invoke_workflow RunnableLambda', CHAT],
        ['invoke_workflow RunnableLambda', CHAT],
      ],
      inBundle: [...POST, ...POST],
    },
    { call: 'batch', spans: [CHAT, CHAT], inBundle: [...POST, ...POST] },
  ],
})

t.test('a client that fails and is asked again by LangChain fails no span but its own', async t => {
  await using server = await startModels()
  const [call] = await runLibrary({
    family: 'ai',
    source: 'langchain-openai.mjs',
    form: 'CommonJS',
    packages: 'newest',
    calls: ['retried'],
    env: { SERVER_PORT: String(server.port) },
  })
  t.strictSame(call?.trees, [['chat flaky', ['POST!'], ['POST']]])
  t.notHas(call?.spans[0]?.attributes, { 'error.type': String })
})
