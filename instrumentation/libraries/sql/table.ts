// SQL libraries, as the documents list them.
import type { Library } from '../table.ts'

const NOTHING = 'nothing'

export const SQL_LIBRARIES: readonly Library[] = [
  {
    name: 'pg',
    modules: '`pg`, `pg-pool`, `pg-cursor`, `pg-query-stream`',
    versions: '8',
    how: ['hook'],
    inBundles: NOTHING,
    spans: '`SELECT orders`, `pg.connect`',
  },
  {
    name: 'postgres',
    modules: '`postgres`',
    versions: '3',
    how: ['hook'],
    inBundles: NOTHING,
    spans: '`SELECT orders`',
  },
  {
    name: 'mysql2',
    modules: '`mysql2`',
    versions: '3.20 and newer',
    how: ['channel'],
    inBundles: 'all',
    spans: '`SELECT orders`, `mysql2.connect`',
  },
  {
    name: 'mysql2',
    modules: '`mysql2`',
    versions: '2 to 3.19',
    how: ['hook'],
    inBundles: NOTHING,
    spans: '`SELECT orders`',
  },
  {
    name: 'tedious',
    modules: '`mssql`',
    versions: '12.5 and newer',
    how: ['channel'],
    inBundles: 'all but transactions',
    spans: '`SELECT orders`, `mssql.connect`',
  },
  {
    name: 'tedious',
    modules: '`tedious`, beneath `mssql` too',
    versions: '16 to 20',
    how: ['hook'],
    inBundles: NOTHING,
    spans: '`SELECT orders`, `BEGIN`, `tedious.connect`',
  },
  {
    name: 'better-sqlite3',
    modules: '`better-sqlite3`',
    versions: '8 to 13',
    how: ['hook'],
    inBundles: NOTHING,
    spans: '`SELECT orders`',
  },
  {
    name: 'prisma',
    modules: '`@prisma/client`',
    versions: '6, 7',
    how: ['global'],
    inBundles: 'all',
    spans: '`User.findMany`, `$transaction`, `SELECT orders`',
  },
  {
    name: 'typeorm',
    modules: '`typeorm`',
    versions: '0.3, 1',
    how: ['hook'],
    inBundles: NOTHING,
    spans: '`User.find`',
  },
  {
    name: 'sequelize',
    modules: '`sequelize`',
    versions: '6',
    how: ['hook'],
    inBundles: NOTHING,
    spans: '`User.findAll`',
  },
]
