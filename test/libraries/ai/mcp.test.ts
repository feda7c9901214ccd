// The Model Context Protocol's SDK: its client against its server.
import t from 'tap'
import type { SpanTree } from '../../helpers/otlp.ts'
import { startElastic } from '../../helpers/servers/clients.ts'
import { testStore } from '../../helpers/store-table.ts'

const tool = (name: string, ...below: SpanTree[]) =>
  [[`tools/call ${name}`, [`tools/call ${name}`, ...below]]] as const

testStore(t, {
  family: 'ai',
  source: 'mcp.mjs',
  module: '@modelcontextprotocol/sdk',
  // Any server of HTTP.
  start: startElastic,
  env: { BATON_BUNDLE_CHECK: 'false' },
  versions: [
    { packages: 'newest', version: '1.32.', inBundles: 'as without a hook' },
    { packages: 'older', version: '1.25.', inBundles: 'as without a hook' },
  ],
  rows: [
    { call: 'connect', spans: [['initialize', ['initialize']]] },
    { call: 'list', spans: [['tools/list', ['tools/list']]] },
    {
      call: 'tool',
      spans: tool('weather'),
      attributes: {
        'mcp.method.name': 'tools/call',
        'gen_ai.tool.name': 'weather',
        'gen_ai.operation.name': 'execute_tool',
        'jsonrpc.request.id': '2',
      },
    },
    { call: 'fetching', spans: tool('fetching', ['GET']), inBundle: [['GET']] },
    {
      call: 'failing',
      spans: [['tools/call failing!', ['tools/call failing!']]],
      attributes: { 'error.type': 'tool_error' },
    },
    {
      call: 'throwing',
      spans: [['tools/call throwing!', ['tools/call throwing!']]],
      attributes: { 'error.type': '-32603', 'rpc.response.status_code': '-32603' },
    },
    { call: 'foreign', spans: [['tools/call weather']] },
    {
      call: 'asking',
      spans: tool('asking', ['sampling/createMessage', ['sampling/createMessage']]),
    },
    { call: 'abort', spans: [['tools/call never!', ['tools/call never?']]] },
    { call: 'meta', spans: tool('meta') },
    {
      call: 'timeout',
      spans: [['tools/call never!', ['tools/call never?']]],
      attributes: { 'error.type': '-32001' },
    },
    {
      call: 'prompt',
      spans: [['prompts/get greeting', ['prompts/get greeting']]],
      attributes: { 'gen_ai.prompt.name': 'greeting' },
    },
    {
      call: 'resource',
      spans: [['resources/read', ['resources/read']]],
      attributes: { 'mcp.resource.uri': 'test://REDACTED:REDACTED@b/c' },
    },
    { call: 'concurrent', spans: [...tool('weather'), ...tool('weather')] },
  ],
  check(t, calls, { form }) {
    if (form === 'minified bundle') return
    const [asks, answers] = calls.find(({ call }) => call === 'tool')?.spans ?? []
    t.strictSame([asks?.kind, answers?.kind], ['CLIENT', 'SERVER'])
    t.equal(answers?.links.length, 1, 'where the request came in')
  },
})
