// Which files of libraries for messaging are hooked.
import type { HookedFile } from '../../hooks/module-hooks.ts'

type Row = readonly [
  library: string,
  packageName: string,
  versions: string,
  file: string,
  wrap: string,
  mark?: string | undefined,
  names?: readonly string[],
]

const AMQPLIB = ['amqplib', 'amqplib', '>=0.10.0 <3'] as const
const BULLMQ = ['bullmq', 'bullmq', '>=5.0.0 <7'] as const
const KAFKAJS = ['kafkajs', 'kafkajs', '>=2.0.0 <3'] as const
const NATS = ['nats', 'nats', '>=2.0.0 <3'] as const
const NATS_CORE = ['nats', '@nats-io/nats-core', '>=3.0.0 <4'] as const
const NATS_MARK = 'processMsgArgs Bad or Missing Sid Error'

const ROWS: readonly Row[] = [
  [...AMQPLIB, 'lib/channel_model.js', 'wrapAmqplib', 'Unexpected response to BasicGet: '],
  [...AMQPLIB, 'lib/callback_model.js', 'wrapAmqplib'],
  ...['cjs', 'esm'].flatMap((folder): Row[] => [
    [
      ...BULLMQ,
      `dist/${folder}/classes/queue.js`,
      'wrapBullmqQueue',
      'JobId cannot be ',
      ['Queue'],
    ],
    [...BULLMQ, `dist/${folder}/classes/worker.js`, 'wrapBullmqWorker', undefined, ['Worker']],
    [
      ...BULLMQ,
      `dist/${folder}/classes/flow-producer.js`,
      'wrapBullmqFlow',
      undefined,
      ['FlowProducer'],
    ],
  ]),
  [
    ...KAFKAJS,
    'src/producer/messageProducer.js',
    'wrapKafkaProducer',
    'The producer is disconnecting; therefore',
  ],
  [...KAFKAJS, 'src/consumer/index.js', 'wrapKafkaConsumer'],
  [...NATS, 'lib/nats-base-client/headers.js', 'wrapNatsHeaders'],
  [...NATS, 'lib/nats-base-client/nats.js', 'wrapNats', NATS_MARK],
  [...NATS_CORE, 'lib/headers.js', 'wrapNatsHeaders'],
  [...NATS_CORE, 'lib/nats.js', 'wrapNats', NATS_MARK],
]

export const MESSAGING_FILES: readonly HookedFile[] = ROWS.map(
  ([library, name, versions, file, wrap, mark, names]) => ({
    library,
    chunk: 'messaging',
    package: name,
    versions,
    file,
    wrap,
    ...(mark !== undefined && { mark }),
    ...(names !== undefined && { names }),
  }),
)
