// Managed Instances: `AWS_LAMBDA_MAX_CONCURRENCY` is defined, the sandbox is never frozen, and as many events are under
// way in one process as there are loops. https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances.html
import type { RuntimeApiClient } from '../api/client.ts'
import type { LoopMode } from '../invocation/loop.ts'
import type { Logger } from '../logs/logger.ts'

/** AWS's own schedule: 100 ms, doubled up to 90 s, twenty attempts in all. */
const MAX_ATTEMPTS = 20
const FIRST_DELAY_MS = 100
const MAX_DELAY_MS = 90_000

/** An event that cannot be had is asked for again: others are under way in the process. */
export function sideBySide(api: RuntimeApiClient, logger: Logger): LoopMode {
  return { next: () => nextWithRetries(api, logger), mayFreeze: false, outlivesLostAnswers: true }
}

async function nextWithRetries(
  api: RuntimeApiClient,
  logger: Logger,
): ReturnType<RuntimeApiClient['next']> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await api.next()
    } catch (error) {
      if (attempt === MAX_ATTEMPTS) {
        logger.write('ERROR', [
          `Failed to get next invocation after ${MAX_ATTEMPTS} attempts. Giving up.`,
        ])
        throw error
      }
      const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1))
      logger.write('WARN', [
        `Failed to get next invocation (attempt ${attempt}/${MAX_ATTEMPTS}). Retrying in ${delayMs}ms...`,
      ])
      await new Promise(resolve => setTimeout(resolve, delayMs))
    }
  }
}
