// A bundle without the plugin that holds one of the libraries says so, each of its versions, and one that tells by itself does not.
import t from 'tap'
import { startFunction } from '../../helpers/function.ts'
import { installPackages, makeForm, type Packages } from '../../helpers/library-forms.ts'
import { startCollector } from '../../helpers/otlp.ts'
import { startModels } from '../../helpers/servers/models.ts'

const CASES: readonly [source: string, packages: Packages, unseen: string | undefined][] = [
  ['openai.mjs', 'newest', 'openai'],
  ['openai.mjs', 'older', 'openai'],
  ['anthropic.mjs', 'newest', undefined],
  ['anthropic.mjs', 'older', 'anthropic'],
  ['google-genai.mjs', 'newest', 'google-genai'],
  ['google-genai.mjs', 'older', 'google-genai'],
  ['langchain.mjs', 'newest', 'langchain'],
  ['langchain.mjs', 'older', 'langchain'],
  ['langchain-openai.mjs', 'newest', 'langchain, openai'],
  ['mcp.mjs', 'newest', 'mcp'],
  ['mcp.mjs', 'older', 'mcp'],
  ['ai.mjs', 'newest', 'openai'],
]

t.test('the log names what nothing sees', async t => {
  await using models = await startModels()
  await using collector = await startCollector()
  for (const [source, packages, unseen] of CASES) {
    const folder = await installPackages('ai', packages)
    const form = 'minified bundle'
    const [name, text] = await makeForm({ family: 'ai', source, form, packages: folder })
    await using fn = await startFunction({
      files: { [name]: text },
      events: [{ call: 'none' }, { call: 'none' }],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        SERVER_PORT: String(models.port),
        SERVICE_URL: `http://127.0.0.1:${models.port}/`,
        NODE_NO_WARNINGS: '1',
      },
    })
    await fn.answered(2)
    fn.process.kill('SIGTERM')
    await fn.exit
    const told = /the bundle holds (.*), and nothing sees/.exec(fn.stdout())?.[1]
    t.equal(told, unseen, `${source}, ${packages}`)
  }
})
