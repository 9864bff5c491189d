// What people asked for in a run, as they said it: what is stored of it must not outlast it.

export interface Asked {
  silence(cluster: string, until: number): void;
  /** @returns true while somebody wants the cluster silenced */
  isSilenced(cluster: string, now: number): boolean;
}

export function createAsked(): Asked {
  const silences = new Map<string, number>();
  return {
    silence: (cluster, until) => void silences.set(cluster, Math.max(until, silences.get(cluster) ?? 0)),
    isSilenced: (cluster, now) => (silences.get(cluster) ?? 0) > now,
  };
}
