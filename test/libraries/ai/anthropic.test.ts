// Anthropic's client against a server that speaks as Anthropic's does: hooked before 0.134, then by spans of its own, which it makes
// by OpenTelemetry's API.
import t from 'tap'
import { startModels } from '../../helpers/servers/models.ts'
import { testStore } from '../../helpers/store-table.ts'

const CHAT = [['chat claude', ['POST']]] as const
const POST = [['POST']] as const
const usage = {
  'gen_ai.usage.input_tokens': 11,
  'gen_ai.usage.output_tokens': 7,
  'gen_ai.usage.cache_read.input_tokens': 5,
  'gen_ai.usage.cache_write.input_tokens': 2,
}

const ANTHROPIC = {
  family: 'ai',
  source: 'anthropic.mjs',
  module: '@anthropic-ai/sdk',
  start: startModels,
  env: { BATON_BUNDLE_CHECK: 'false' },
} as const

testStore(t, {
  ...ANTHROPIC,
  versions: [{ packages: 'older', version: '0.130.', inBundles: 'as without a hook' }],
  rows: [
    {
      call: 'message',
      spans: CHAT,
      inBundle: POST,
      attributes: {
        ...usage,
        'gen_ai.provider.name': 'anthropic',
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'claude',
        'gen_ai.request.max_tokens': 100,
        'gen_ai.response.id': 'message-1',
        'gen_ai.response.model': 'claude-2026',
        'gen_ai.response.finish_reasons': ['end_turn'],
      },
    },
    {
      call: 'stream',
      spans: CHAT,
      inBundle: POST,
      attributes: { ...usage, 'gen_ai.response.finish_reasons': ['end_turn'] },
    },
    { call: 'beta', spans: CHAT, inBundle: POST, attributes: usage },
    {
      call: 'runner',
      spans: [...CHAT, ...CHAT],
      inBundle: [...POST, ...POST],
      attributes: { 'gen_ai.response.finish_reasons': ['tool_use'] },
    },
    { call: 'later', spans: CHAT, inBundle: POST, attributes: usage },
    { call: 'asResponse', spans: CHAT, inBundle: POST },
    { call: 'unread', spans: [['chat claude?', ['POST']]], inBundle: POST },
    {
      call: 'limited',
      spans: [['chat limited!', ['POST!'], ['POST!']]],
      inBundle: [['POST!'], ['POST!']],
      attributes: { 'error.type': '429' },
    },
    {
      call: 'failing',
      spans: [['chat failing!', ['POST']]],
      inBundle: POST,
      attributes: { 'gen_ai.response.finish_reasons': ['error'] },
    },
    { call: 'abort', spans: [['chat slow!', ['POST!']]], inBundle: [['POST!']] },
    { call: 'timeout', spans: [['chat slow!', ['POST!']]], inBundle: [['POST!']] },
    { call: 'tokens', spans: POST, inBundle: POST },
    { call: 'helper', spans: CHAT, inBundle: POST, attributes: usage },
    { call: 'leave', spans: [['chat endless', ['POST!']]], inBundle: [['POST!']] },
    { call: 'withResponse', spans: CHAT, inBundle: POST, attributes: usage },
    { call: 'broken', spans: [['chat broken!', ['POST!']]], inBundle: [['POST!']] },
  ],
})

const OWN = [['anthropic.messages.create', ['POST']]] as const

testStore(t, {
  ...ANTHROPIC,
  versions: [{ packages: 'newest', version: '1.', inBundles: 'channels' }],
  rows: [
    { call: 'message', spans: OWN, attributes: { 'gen_ai.provider.name': 'anthropic' } },
    { call: 'stream', spans: OWN },
    { call: 'withResponse', spans: OWN },
    { call: 'broken', spans: [['anthropic.messages.create!', ['POST!']]] },
  ],
})
