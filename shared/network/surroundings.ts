// What is neither a pod nor a policy, and tells what pods are there for: ways in from outside, service accounts, the API server.

export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/** A port of a Service, as whoever leads there names it. */
export interface Backend {
  readonly service: ObjectName;
  /** Its number or name; undefined: any. */
  readonly port?: number | string;
}

/** What leads from outside to Services: an Ingress, or a route of the Gateway API. */
export interface Entrance extends ObjectName {
  /** `Ingress`, `HTTPRoute`, ... */
  readonly kind: string;
  readonly backends: readonly Backend[];
  /** The Gateways that a route hangs on; an Ingress stands by itself. */
  readonly gateways: readonly ObjectName[];
  /** Says itself that it is not for the internet. */
  readonly internal: boolean;
}

export interface Gateway extends ObjectName {
  readonly internal: boolean;
}

/** Where the API server answers pods. */
export interface ApiServer {
  readonly address: string;
  readonly ports: readonly number[];
}

/** Accounts are `NAMESPACE/NAME`. */
export interface Surroundings {
  readonly entrances: readonly Entrance[];
  readonly gateways: readonly Gateway[];
  /** Service accounts whose token pods do not get unless they ask for it. */
  readonly tokenless: readonly string[];
  /** Service accounts that some role is bound to by their name. */
  readonly bound: readonly string[];
  /** Empty where nobody told. */
  readonly apiServers: readonly ApiServer[];
}

export const noSurroundings: Surroundings = {
  entrances: [],
  gateways: [],
  tokenless: [],
  bound: [],
  apiServers: [],
};
