// nodemailer against a real SMTP server.
import t from 'tap'
import { installPackages } from '../../helpers/library-forms.ts'
import { startSmtp } from '../../helpers/servers/clients.ts'
import { testStore } from '../../helpers/store-table.ts'

testStore(t, {
  source: 'nodemailer.mjs',
  module: 'nodemailer',
  start: async () => startSmtp(await installPackages('stores', 'newest')),
  versions: [
    { packages: 'newest', version: '9.', inBundles: 'nothing' },
    { packages: 'older', version: '6.', inBundles: 'nothing' },
  ],
  rows: [
    {
      call: 'send',
      spans: [['send mail']],
      attributes: {
        'network.protocol.name': 'smtp',
        'server.address': '127.0.0.1',
        'server.port': Number,
      },
    },
    { call: 'callback', spans: [['send mail']] },
    { call: 'pool', spans: [['send mail'], ['send mail']] },
    { call: 'refused', spans: [['send mail!']], attributes: { 'error.type': 'EENVELOPE' } },
    { call: 'unreachable', spans: [['send mail!']] },
    { call: 'json', spans: [['send mail']] },
  ],
})
