import { App, Stack } from 'aws-cdk-lib'
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda'

const stack = new Stack(new App(), 'Shop')

new Function(stack, 'Orders', {
  code: Code.fromAsset('../../../orders'),
  handler: 'index.handler',
  runtime: Runtime.NODEJS_24_X,
})
