// OpenAI's client against a server that speaks as OpenAI's does.
import t from 'tap'
import { startModels } from '../../helpers/servers/models.ts'
import { testStore } from '../../helpers/store-table.ts'

const CHAT = [['chat gpt-5', ['POST']]] as const
const FAILED = [['POST!']] as const

testStore(t, {
  family: 'ai',
  source: 'openai.mjs',
  module: 'openai',
  start: startModels,
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
    { call: 'leave', spans: [['chat endless', ['POST!']]], inBundle: FAILED },
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
    { call: 'cut', spans: [['chat cut!', ['POST!']]], inBundle: FAILED },
    { call: 'abort', spans: [['chat slow!', ['POST!']]], inBundle: FAILED },
    { call: 'timeout', spans: [['chat slow!', ['POST!']]], inBundle: FAILED },
    { call: 'abortStream', spans: [['chat endless', ['POST!']]], inBundle: FAILED },
    { call: 'concurrent', spans: [...CHAT, ...CHAT], inBundle: [['POST'], ['POST']] },
    { call: 'subclass', spans: CHAT, inBundle: [['POST']] },
    { call: 'files', spans: [['GET']], inBundle: [['GET']] },
  ],
})
