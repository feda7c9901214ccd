// What is instrumented, how, and since which version: docs/libraries.md shows this table and a test compares the two.

import { AI_LIBRARIES } from './ai/table.ts'
import { MESSAGING_LIBRARIES } from './messaging/table.ts'
import { SQL_LIBRARIES } from './sql/table.ts'
import { STORE_LIBRARIES } from './stores/table.ts'
import { WEB_LIBRARIES } from './web/table.ts'

export interface Library {
  /** As OTEL_NODE_ENABLED_INSTRUMENTATIONS and OTEL_NODE_DISABLED_INSTRUMENTATIONS call it. */
  readonly name: string
  /** npm packages, or modules of Node. */
  readonly modules: string
  readonly versions: string
  /** By what it is seen: a channel it publishes on, a hook on its modules, a global it asks for, its requests on the wire. */
  readonly how: readonly ('channel' | 'hook' | 'global' | 'wire')[]
  /** What is seen of it in a bundle, where there are no modules to hook. */
  readonly inBundles: string
  readonly spans: string
}

export const LIBRARIES: readonly Library[] = [
  {
    name: 'http',
    modules: '`node:http`, `node:https`',
    versions: 'Node 22 and newer',
    how: ['channel'],
    inBundles: 'all',
    spans: '`GET`',
  },
  {
    name: 'http2',
    modules: '`node:http2`',
    versions: 'Node 22 and newer',
    how: ['channel'],
    inBundles: 'all',
    spans: '`GET`',
  },
  {
    name: 'undici',
    modules: '`fetch`, `undici`',
    versions: 'Node 22 and newer',
    how: ['channel'],
    inBundles: 'all',
    spans: '`GET`',
  },
  {
    name: 'aws-sdk',
    modules: '`@aws-sdk/client-*`, `@aws-sdk/lib-dynamodb`',
    versions: '3',
    how: ['hook', 'wire'],
    inBundles: 'what [the wire shows](#what-only-the-hook-knows)',
    spans: '`DynamoDB.GetItem`',
  },
  {
    name: 'aws-sdk',
    modules: '`aws-sdk`',
    versions: '2.1000 and newer',
    how: ['hook', 'wire'],
    inBundles: 'what [the wire shows](#what-only-the-hook-knows)',
    spans: '`DynamoDB.GetItem`',
  },
  ...STORE_LIBRARIES,
  ...WEB_LIBRARIES,
  ...SQL_LIBRARIES,
  ...MESSAGING_LIBRARIES,
  ...AI_LIBRARIES,
]
