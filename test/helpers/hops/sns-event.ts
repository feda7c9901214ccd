// What Lambda hands to a function that is subscribed to a topic, made of the notification that a queue of the topic got.
import type { SqsEvent } from './queues.ts'

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html: the fields are those of the notification that a queue gets. */
export function toSnsEvent({ Records: [record] }: SqsEvent): object {
  const { SigningCertURL, UnsubscribeURL, Subject = null, ...rest } = JSON.parse(record?.body ?? '')
  const Sns = { ...rest, Subject, SigningCertUrl: SigningCertURL, UnsubscribeUrl: UnsubscribeURL }
  const EventSubscriptionArn = `${rest.TopicArn}:2bcfbf39-05c3-41de-beaa-fcfcc21c8f55`
  return {
    Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn, Sns }],
  }
}
