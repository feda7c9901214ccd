/// <reference path="./.sst/platform/config.d.ts" />
export default $config({
  app: () => ({ name: 'shop', home: 'aws' }),
  async run() {
    new sst.aws.Function('Orders', {
      handler: 'index.handler',
      runtime: 'nodejs24.x',
    })
  },
})
