// OpenAI's client against a server that speaks as OpenAI's does.
import t from 'tap'
import { runLibrary } from '../../helpers/library-run.ts'
import { startModels } from '../../helpers/servers/models.ts'
import { testStore } from '../../helpers/store-table.ts'

const CHAT = [['chat gpt-5', ['POST']]] as const
/** Without a line about bundles. */
const QUIET = { BATON_BUNDLE_CHECK: 'false' }
const FAILED = [['POST!']] as const

testStore(t, {
  family: 'ai',
  source: 'openai.mjs',
  module: 'openai',
  start: startModels,
  env: QUIET,
  versions: [
    { packages: 'newest', version: '7.', inBundles: 'as without a hook' },
    { packages: 'older', version: '5.', inBundles: 'as without a hook' },
  ],
  rows: [
    {
      call: 'chat',
      spans: CHAT,
      inBundle: [['POST']],
      attributes: {
        'gen_ai.provider.name': 'openai',
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt-5',
        'gen_ai.request.max_tokens': 100,
        'gen_ai.request.temperature': 0.5,
        'gen_ai.request.top_p': 0.9,
        'gen_ai.response.id': 'chat-1',
        'gen_ai.response.model': 'gpt-5-2026',
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.usage.input_tokens': 11,
        'gen_ai.usage.output_tokens': 7,
        'gen_ai.usage.cache_read.input_tokens': 5,
        'gen_ai.usage.reasoning.output_tokens': 3,
        'server.address': '127.0.0.1',
        'server.port': Number,
      },
    },
    {
      call: 'stream',
      spans: CHAT,
      inBundle: [['POST']],
      attributes: {
        'gen_ai.request.stream': true,
        'gen_ai.response.time_to_first_chunk': Number,
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.usage.output_tokens': 7,
      },
    },
    {
      call: 'leave',
      spans: [['chat endless', ['POST!']]],
      inBundle: FAILED,
      attributes: { 'gen_ai.response.finish_reasons': ['error'] },
    },
    { call: 'tee', spans: CHAT, inBundle: [['POST']] },
    { call: 'readable', spans: CHAT, inBundle: [['POST']] },
    {
      call: 'withResponse',
      spans: CHAT,
      inBundle: [['POST']],
      attributes: { 'gen_ai.usage.input_tokens': 11 },
    },
    { call: 'asResponse', spans: CHAT, inBundle: [['POST']] },
    {
      call: 'responses',
      spans: CHAT,
      inBundle: [['POST']],
      attributes: {
        'gen_ai.response.id': 'response-1',
        'gen_ai.response.finish_reasons': ['completed'],
        'gen_ai.usage.input_tokens': 11,
        'gen_ai.usage.output_tokens': 7,
      },
    },
    {
      call: 'conversation',
      spans: CHAT,
      inBundle: [['POST']],
      attributes: { 'gen_ai.conversation.id': 'conv-1', 'gen_ai.output.type': 'json' },
    },
    {
      call: 'json',
      spans: CHAT,
      inBundle: [['POST']],
      attributes: {
        'gen_ai.output.type': 'json',
        'gen_ai.request.choice.count': 2,
        'gen_ai.request.seed': 7,
        'gen_ai.request.stop_sequences': ['end'],
        'gen_ai.request.presence_penalty': 0.1,
      },
    },
    {
      call: 'responseStream',
      spans: CHAT,
      inBundle: [['POST']],
      attributes: {
        'gen_ai.response.finish_reasons': ['completed'],
        'gen_ai.usage.output_tokens': 7,
      },
    },
    { call: 'helper', spans: CHAT, inBundle: [['POST']] },
    {
      call: 'parse',
      spans: CHAT,
      inBundle: [['POST']],
      attributes: { 'gen_ai.usage.output_tokens': 7 },
    },
    {
      call: 'embeddings',
      spans: [['embeddings embed-3', ['POST']]],
      inBundle: [['POST']],
      attributes: { 'gen_ai.operation.name': 'embeddings', 'gen_ai.usage.input_tokens': 11 },
    },
    { call: 'bytes', spans: [['embeddings embed-3', ['POST']]], inBundle: [['POST']] },
    {
      call: 'complete',
      spans: [['text_completion gpt-5', ['POST']]],
      inBundle: [['POST']],
      attributes: {
        'gen_ai.request.stop_sequences': ['.'],
        'gen_ai.response.finish_reasons': ['length'],
      },
    },
    {
      call: 'later',
      spans: CHAT,
      inBundle: [['POST']],
      attributes: { 'gen_ai.usage.input_tokens': 11 },
    },
    { call: 'unread', spans: [['chat gpt-5?', ['POST']]], inBundle: [['POST']] },
    { call: 'unasked', spans: [['chat gpt-5?', ['POST']]], inBundle: [['POST']] },
    { call: 'tool', spans: [...CHAT, ...CHAT], inBundle: [['POST'], ['POST']] },
    {
      call: 'azure',
      spans: CHAT,
      inBundle: [['POST']],
      attributes: {
        'gen_ai.provider.name': 'azure.ai.openai',
        'server.address': 'mine.openai.azure.com',
        'server.port': 443,
      },
    },
    { call: 'defaultExport', spans: CHAT, inBundle: [['POST']] },
    {
      call: 'flaky',
      spans: [['chat flaky', ['POST!'], ['POST']]],
      inBundle: [['POST!'], ['POST']],
    },
    {
      call: 'broken',
      spans: [['chat broken!', ['POST!']]],
      inBundle: FAILED,
      attributes: { 'error.type': '400' },
    },
    {
      call: 'limited',
      spans: [['chat limited!', ['POST!'], ['POST!']]],
      inBundle: [...FAILED, ...FAILED],
      attributes: { 'error.type': '429' },
    },
    {
      call: 'failing',
      spans: [['chat failing!', ['POST']]],
      inBundle: [['POST']],
      attributes: { 'error.type': 'overloaded' },
    },
    { call: 'cut', spans: [['chat cut!', ['POST!']]], inBundle: FAILED },
    { call: 'abort', spans: [['chat slow!', ['POST!']]], inBundle: FAILED },
    { call: 'timeout', spans: [['chat slow!', ['POST!']]], inBundle: FAILED },
    { call: 'abortStream', spans: [['chat endless', ['POST!']]], inBundle: FAILED },
    { call: 'concurrent', spans: [...CHAT, ...CHAT], inBundle: [['POST'], ['POST']] },
    { call: 'subclass', spans: CHAT, inBundle: [['POST']] },
    { call: 'files', spans: [['GET']], inBundle: [['GET']] },
  ],
})

t.test('a body that does not come in time is asked for again, which is the same call', async t => {
  await using server = await startModels()
  const [call] = await runLibrary({
    family: 'ai',
    source: 'openai.mjs',
    form: 'CommonJS',
    packages: 'newest',
    calls: ['late'],
    env: { SERVER_PORT: String(server.port) },
  })
  t.strictSame(call?.answer, { result: 'chat-1' })
  t.strictSame(call?.trees, [['chat late', ['POST!'], ['POST']]])
  t.match(call?.spans[0]?.attributes, { 'gen_ai.usage.input_tokens': 11 })
})
