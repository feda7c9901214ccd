// The heap that a function may fill, from its memory setting: AWS's runtimes give nine tenths of it.
import t from 'tap'
import { NODE_MAJOR, startFunction } from '../helpers/function.ts'

const MB = 1024 * 1024
const files = {
  'index.js': `const v8 = require('node:v8')
    exports.handler = async () => v8.getHeapStatistics().heap_size_limit`,
}

const limitOf = async (env: Record<string, string | undefined>): Promise<number> => {
  await using fn = await startFunction({ files, events: [{}], env })
  await fn.answered(1)
  return Number(fn.api.posts[0]?.body)
}

t.test(
  'nine tenths of the memory setting, from Node 24 on, where the code cache bears it',
  async t => {
    const [small, large] = await Promise.all(
      ['256', '512'].map(size => limitOf({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: size })),
    )
    // The young generation comes on top of both, and is the same.
    const difference = Math.round(((large ?? 0) - (small ?? 0)) / MB)
    t.equal(difference, NODE_MAJOR < 24 ? 0 : 461 - 231)
  },
)

t.test('what the function says in NODE_OPTIONS stands', async t => {
  const own = await limitOf({
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
    NODE_OPTIONS: '--max-old-space-size=100 --max-semi-space-size=1',
  })
  t.ok(own >= 100 * MB && own < 120 * MB, `${own}`)
})

for (const value of [undefined, '', '12x', '-5']) {
  t.test(`a memory size of ${value} is none: the function runs`, async t => {
    t.ok((await limitOf({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: value })) > 0)
  })
}
