// Which files of which packages are hooked: one array a family. Read when the function loads its first package, and by the
// plugins for bundlers.
import type { HookedFile } from '../hooks/module-hooks.ts'
import { AI_FILES } from './ai/files.ts'
import { LOG_FILES } from './log-files.ts'
import { MESSAGING_FILES } from './messaging/files.ts'
import { SQL_FILES } from './sql/files.ts'
import { STORE_FILES } from './stores/files.ts'
import { WEB_FILES } from './web/files.ts'

/** `Client` stood in `@aws-sdk/smithy-client` until July 2023, then in `@smithy/smithy-client`, and since 3.24 in the core. */
const AWS_FILES: readonly HookedFile[] = [
  ...[
    ['@smithy/core', 'dist-cjs/submodules/client/index.js'],
    ['@smithy/core', 'dist-es/submodules/client/smithy-client/client.js'],
    ['@smithy/smithy-client', 'dist-cjs/index.js'],
    ['@smithy/smithy-client', 'dist-es/client.js'],
    ['@aws-sdk/smithy-client', 'dist-cjs/index.js'],
  ].map(([name = '', file = '']) => ({
    library: 'aws-sdk',
    chunk: 'aws-sdk',
    package: name,
    versions: '*',
    file,
    wrap: 'wrapClient',
    names: ['Client'],
  })),
  {
    library: 'aws-sdk',
    chunk: 'aws-sdk',
    package: 'aws-sdk',
    versions: '>=2.1000.0 <3',
    file: 'lib/core.js',
    wrap: 'wrapV2',
  },
]

export const HOOKED_FILES: readonly HookedFile[] = [
  ...AWS_FILES,
  ...AI_FILES,
  ...LOG_FILES,
  ...MESSAGING_FILES,
  ...SQL_FILES,
  ...STORE_FILES,
  ...WEB_FILES,
]
