// Kubernetes objects, projected to what network policy depends on.
export interface ClusterObjects {
  readonly namespaces: readonly never[];
}
