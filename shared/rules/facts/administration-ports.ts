// Ports that no client on the internet needs: who reaches one may run commands on what is behind it, or read all of its data.
import type { Protocol } from '../../network/objects.ts';
import type { PortSets } from '../../network/port-sets.ts';

/** Each with what usually listens there (IANA service names, and the vendors' defaults where IANA has none). */
const ADMINISTRATION: readonly (readonly [port: number, what: string, protocol?: Protocol])[] = [
  [22, 'SSH'],
  [23, 'Telnet'],
  [135, 'RPC'],
  [445, 'SMB'],
  [1433, 'SQL Server'],
  [1434, 'SQL Server Browser', 'UDP'],
  [1521, 'Oracle'],
  [2375, 'Docker'],
  [2376, 'Docker'],
  [2379, 'etcd'],
  [2380, 'etcd'],
  [3306, 'MySQL'],
  [3389, 'Remote Desktop'],
  [5432, 'PostgreSQL'],
  [5900, 'VNC'],
  [5984, 'CouchDB'],
  [5985, 'WinRM'],
  [5986, 'WinRM'],
  [6379, 'Redis'],
  [7000, 'Cassandra'],
  [8086, 'InfluxDB'],
  [9042, 'Cassandra'],
  [9200, 'Elasticsearch'],
  [9300, 'Elasticsearch'],
  [10250, 'kubelet'],
  [11211, 'Memcached'],
  [11211, 'Memcached', 'UDP'],
  [26257, 'CockroachDB'],
  [27017, 'MongoDB'],
  [50000, 'Db2'],
];

/** @returns those in a set of ports, as `TCP 22 (SSH)` */
export const administrationPorts = (ports: PortSets, set: number): readonly string[] =>
  ADMINISTRATION.flatMap(([port, what, protocol = 'TCP']) =>
    ports.includes(set, protocol, port) ? [`${protocol} ${port} (${what})`] : [],
  );
