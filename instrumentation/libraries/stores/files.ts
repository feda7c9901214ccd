// Which files of stores, and of other things that a function calls, are hooked.
import type { HookedFile } from '../../hooks/module-hooks.ts'

type Row = readonly [
  library: string,
  packageName: string,
  versions: string,
  file: string,
  wrap: string,
]

const IOREDIS = ['ioredis', 'ioredis', '>=4.0.0 <7'] as const
/** Newer ones publish. */
const NODE_REDIS = ['redis', '@redis/client', '>=1.0.0 <5.12.0'] as const
const MONGODB = ['mongodb', 'mongodb', '>=5.0.0 <8'] as const
const ELASTIC = ['elasticsearch', '@elastic/transport', '>=8.0.0 <10'] as const
const GRPC = ['grpc', '@grpc/grpc-js', '>=1.0.0 <2'] as const

const ROWS: readonly Row[] = [
  [...IOREDIS, 'built/redis/index.js', 'wrapIoredis'],
  [...IOREDIS, 'built/Redis.js', 'wrapIoredis'],
  [...IOREDIS, 'built/cluster/index.js', 'wrapIoredisCluster'],
  [...IOREDIS, 'built/pipeline.js', 'wrapIoredisPipeline'],
  [...IOREDIS, 'built/Pipeline.js', 'wrapIoredisPipeline'],
  [...NODE_REDIS, 'dist/lib/commander.js', 'wrapNodeRedisCommander'],
  [...NODE_REDIS, 'dist/lib/client/commands-queue.js', 'wrapNodeRedisQueue'],
  [...NODE_REDIS, 'dist/lib/client/index.js', 'wrapNodeRedisClient'],
  [...MONGODB, 'lib/operations/execute_operation.js', 'wrapMongoOperations'],
  [...MONGODB, 'lib/sdam/server.js', 'wrapMongoServer'],
  ['memcached', 'memcached', '>=1.0.0 <3', 'lib/memcached.js', 'wrapMemcached'],
  [...ELASTIC, 'lib/Transport.js', 'wrapElastic'],
  [...ELASTIC, 'esm/Transport.js', 'wrapElastic'],
  [...GRPC, 'build/src/client.js', 'wrapGrpcClient'],
  ['dataloader', 'dataloader', '>=2.0.0 <3', 'index.js', 'wrapDataLoader'],
  ['nodemailer', 'nodemailer', '>=6.0.0 <11', 'lib/mailer/index.js', 'wrapNodemailer'],
]

/** By package: what minifying keeps of it. Bundled, calls of gRPC and Elasticsearch are seen as what they send. */
const MARKS: Readonly<Record<string, string>> = {
  ioredis: 'Reached the max retries per request limit (which is ',
  '@redis/client': 'All the root nodes are unavailable',
  mongodb: 'Client must be connected before running operations',
  memcached: 'No servers where supplied in the arguments',
  dataloader: 'DataLoader must be constructed with a function which accepts',
  nodemailer: 'Invalid login sequence while waiting for server challenge string',
}

export const STORE_FILES: readonly HookedFile[] = ROWS.map(
  ([library, name, versions, file, wrap]) => ({
    library,
    chunk: 'stores',
    package: name,
    versions,
    file,
    wrap,
    ...(name in MARKS && { mark: MARKS[name] as string }),
    ...(library === 'mongodb' && { toldBy: 'mongoose' }),
  }),
)
