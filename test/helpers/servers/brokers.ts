// The brokers that tests send messages through: RabbitMQ and NATS of Debian.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installProgram, startProcess, type TestServer } from './processes.ts'

const RABBITMQ = '/usr/lib/rabbitmq/bin/rabbitmq-server'
const NATS = '/usr/sbin/nats-server'

/** With a port mapper of its own: one that the broker starts would stay. */
export async function startRabbitMq(): Promise<TestServer> {
  installProgram(RABBITMQ, 'rabbitmq-server')
  const mapper = await startProcess('/usr/bin/epmd', port => [
    ...['-address', '127.0.0.1', '-port', String(port)],
  ])
  try {
    const broker = await startProcess(
      RABBITMQ,
      (port, folder) => {
        writeFileSync(join(folder, 'rabbitmq.conf'), `listeners.tcp.1 = 127.0.0.1:${port}\n`)
        return []
      },
      (port, folder) => ({
        HOME: folder,
        ERL_EPMD_PORT: String(mapper.port),
        RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
        RABBITMQ_MNESIA_BASE: join(folder, 'data'),
        // To its output, which is shown should it not start.
        RABBITMQ_LOGS: '-',
        RABBITMQ_PID_FILE: join(folder, 'pid'),
        RABBITMQ_NODENAME: `test-${port}@localhost`,
        RABBITMQ_DIST_PORT: String(port + 10_000),
        // The shell becomes the broker, so that to end it is to end the broker.
        RUNNING_UNDER_SYSTEMD: 'true',
      }),
    )
    const stop = broker[Symbol.asyncDispose].bind(broker)
    return {
      port: broker.port,
      async [Symbol.asyncDispose]() {
        await stop()
        await mapper[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await mapper[Symbol.asyncDispose]()
    throw error
  }
}

export async function startNats(): Promise<TestServer> {
  installProgram(NATS, 'nats-server')
  return startProcess(NATS, (port, folder) => [
    ...['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder],
  ])
}
