// Libraries for messaging as one chunk: they share most of their code.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import type { Wrap } from '../../hooks/module-hooks.ts'
import type { LibraryTools } from '../contract.ts'
import { wrapAmqplib } from './amqplib.ts'
import { wrapBullmqFlow, wrapBullmqQueue, wrapBullmqWorker } from './bullmq.ts'
import { wrapKafkaConsumer, wrapKafkaProducer } from './kafkajs.ts'
import { createNatsWraps } from './nats.ts'

const WRAPS: Readonly<Record<string, (tools: LibraryTools, loaded: LoadedModule) => void>> = {
  wrapAmqplib,
  wrapBullmqFlow,
  wrapBullmqQueue,
  wrapBullmqWorker,
  wrapKafkaConsumer,
  wrapKafkaProducer,
}

/** What the table of hooked files names. */
export const createWraps = (tools: LibraryTools): Readonly<Record<string, Wrap>> => ({
  ...Object.fromEntries(
    Object.entries(WRAPS).map(([name, wrap]) => [name, loaded => wrap(tools, loaded)]),
  ),
  ...createNatsWraps(tools),
})
