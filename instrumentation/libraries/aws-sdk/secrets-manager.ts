// Secrets Manager: which secret, and nothing of what is in it.
import { ATTR_AWS_SECRETSMANAGER_SECRET_ARN } from '../../semconv.ts'
import { textOf } from '../fields.ts'
import type { AwsService } from './service.ts'

export const secretsManager: AwsService = {
  id: 'Secrets Manager',

  describe({ input }, set) {
    const id = textOf(input, 'SecretId')
    // A name is not an ARN, and may itself tell something; the answer says the ARN.
    set(ATTR_AWS_SECRETSMANAGER_SECRET_ARN, id?.startsWith('arn:') ? id : undefined)
  },

  describeAnswer: (_call, output, set) => {
    set(ATTR_AWS_SECRETSMANAGER_SECRET_ARN, textOf(output, 'ARN'))
  },
}
