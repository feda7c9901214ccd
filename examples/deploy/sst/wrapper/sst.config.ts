/// <reference path="./.sst/platform/config.d.ts" />
export default $config({
  app: () => ({ name: 'shop', home: 'aws' }),
  async run() {
    const baton = new aws.lambda.LayerVersion('Baton', {
      layerName: 'baton',
      code: $asset('../../../../dist/baton-wrapper.zip'),
    })
    new sst.aws.Function('Orders', {
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      layers: [baton.arn],
      environment: {
        AWS_LAMBDA_EXEC_WRAPPER: '/opt/baton-wrapper',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example.com:4318',
      },
    })
  },
})
