// Google's Gen AI SDK against a server that speaks as Google's does.
import t from 'tap'
import { startModels } from '../../helpers/servers/models.ts'
import { testStore } from '../../helpers/store-table.ts'

const CALL = [['generate_content gemini', ['POST']]] as const
const POST = [['POST']] as const
const usage = {
  'gen_ai.usage.input_tokens': 11,
  'gen_ai.usage.output_tokens': 7,
  'gen_ai.usage.cache_read.input_tokens': 5,
  'gen_ai.usage.reasoning.output_tokens': 3,
}

testStore(t, {
  family: 'ai',
  source: 'google-genai.mjs',
  module: '@google/genai',
  start: startModels,
  env: { BATON_BUNDLE_CHECK: 'false' },
  versions: [
    { packages: 'newest', version: '2.', inBundles: 'as without a hook' },
    { packages: 'older', version: '1.', inBundles: 'as without a hook' },
  ],
  rows: [
    {
      call: 'generate',
      spans: CALL,
      inBundle: POST,
      attributes: {
        ...usage,
        'gen_ai.provider.name': 'gcp.gemini',
        'gen_ai.operation.name': 'generate_content',
        'gen_ai.request.model': 'gemini',
        'gen_ai.request.max_tokens': 100,
        'gen_ai.request.temperature': 0.5,
        'gen_ai.request.top_p': 0.9,
        'gen_ai.response.id': 'content-1',
        'gen_ai.response.model': 'gemini-2026',
        'gen_ai.response.finish_reasons': ['STOP'],
        'server.address': '127.0.0.1',
      },
    },
    {
      call: 'stream',
      spans: CALL,
      inBundle: POST,
      attributes: { ...usage, 'gen_ai.response.time_to_first_chunk': Number },
    },
    { call: 'leave', spans: CALL, inBundle: POST },
    { call: 'chat', spans: CALL, inBundle: POST },
    { call: 'embed', spans: [['embeddings gemini', ['POST']]], inBundle: POST },
    { call: 'tool', spans: [...CALL, ...CALL], inBundle: [...POST, ...POST] },
    {
      call: 'limited',
      spans: [['generate_content limited!', ['POST!']]],
      inBundle: [['POST!']],
      attributes: { 'error.type': '429' },
    },
    {
      call: 'abort',
      spans: [['generate_content slow!', ['POST!']]],
      inBundle: [['POST!']],
      attributes: { 'error.type': /Error$/ },
    },
    { call: 'cut', spans: [['generate_content cut!', ['POST!']]], inBundle: [['POST!']] },
    { call: 'unread', spans: [['generate_content gemini?', ['POST']]], inBundle: POST },
    { call: 'concurrent', spans: [...CALL, ...CALL], inBundle: [...POST, ...POST] },
    {
      call: 'broken',
      spans: [['generate_content broken!', ['POST!']]],
      inBundle: [['POST!']],
      attributes: { 'error.type': '400' },
    },
  ],
})
