// A Kafka broker: librdkafka's mock cluster, compiled when it is needed. Debian has librdkafka and no Kafka.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installProgram } from '../processes.ts'

const COMPILER = '/usr/bin/cc'
const SOURCE = join(import.meta.dirname, 'broker.c')

export interface KafkaBroker extends AsyncDisposable {
  /** `host:port` */
  readonly address: string
}

/** Installs the library and the compiler unless they are here; throws with their own words. */
export async function startKafka(topics: readonly string[]): Promise<KafkaBroker> {
  installProgram(COMPILER, 'gcc')
  installProgram('/usr/include/stdio.h', 'libc6-dev')
  installProgram('/usr/include/librdkafka/rdkafka_mock.h', 'librdkafka-dev')
  const folder = await mkdtemp(join(tmpdir(), 'baton-kafka-'))
  const binary = join(folder, 'broker')
  execFileSync(COMPILER, ['-O1', SOURCE, '-o', binary, '-lrdkafka'], { stdio: 'inherit' })
  const child = spawn(binary, topics, { stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = new Promise<void>(resolve => child.once('close', resolve))
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const address = await new Promise<string>((resolve, reject) => {
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      if (printed.endsWith('\n')) resolve(printed.trim())
    })
    void closed.then(() => reject(new Error(`expected a broker, it ended: ${said}`)))
  })
  return {
    address,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await closed
      await rm(folder, { recursive: true, force: true })
    },
  }
}
