// Which files of libraries for AI are hooked.
import type { HookedFile } from '../../hooks/module-hooks.ts'

type Row = readonly [
  library: string,
  packageName: string,
  versions: string,
  file: string,
  wrap: string,
  names: readonly string[],
  rebind?: readonly string[],
]

const OPENAI = ['openai', 'openai', '>=5.0.0 <8'] as const
/** Newer ones have spans of their own. */
const ANTHROPIC = ['anthropic', '@anthropic-ai/sdk', '>=0.50.0 <0.134.0'] as const
const GOOGLE = ['google-genai', '@google/genai', '>=1.0.0 <4'] as const
const LANGCHAIN = ['langchain', '@langchain/core', '>=0.3.0 <2'] as const
const MCP = ['mcp', '@modelcontextprotocol/sdk', '>=1.0.0 <2'] as const
const PARSE = ['defaultParseResponse'] as const

const ROWS: readonly Row[] = [
  ...['js', 'mjs'].flatMap((extension): Row[] => [
    [...OPENAI, `client.${extension}`, 'wrapOpenAi', ['OpenAI']],
    [...OPENAI, `internal/parse.${extension}`, 'wrapOpenAiParse', PARSE, PARSE],
    [...ANTHROPIC, `client.${extension}`, 'wrapAnthropic', ['BaseAnthropic']],
    [...ANTHROPIC, `internal/parse.${extension}`, 'wrapAnthropicParse', PARSE, PARSE],
  ]),
  ...['cjs', 'mjs'].map(
    (extension): Row => [...GOOGLE, `dist/node/index.${extension}`, 'wrapGoogleGenAi', ['Models']],
  ),
  ...['cjs', 'js'].flatMap((extension): Row[] => [
    [
      ...LANGCHAIN,
      `dist/callbacks/manager.${extension}`,
      'wrapLangChainManager',
      ['CallbackManager'],
    ],
    [
      ...LANGCHAIN,
      `dist/singletons/async_local_storage/index.${extension}`,
      'wrapLangChainStorage',
      ['AsyncLocalStorageProviderSingleton'],
    ],
  ]),
  ...['cjs', 'esm'].map(
    (folder): Row => [...MCP, `dist/${folder}/shared/protocol.js`, 'wrapMcp', ['Protocol']],
  ),
]

export const AI_FILES: readonly HookedFile[] = ROWS.map(
  ([library, name, versions, file, wrap, names, rebind]) => ({
    library,
    chunk: 'ai',
    package: name,
    versions,
    file,
    wrap,
    names,
    ...(rebind !== undefined && { rebind }),
  }),
)
