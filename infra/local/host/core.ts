// What `@azure/functions` asks of its host: the `@azure/functions-core` module, and how one invocation runs through Microsoft's own model.
import { randomUUID } from 'node:crypto';
import Module from 'node:module';

export interface Binding {
  readonly name: string;
  readonly type: string;
  readonly direction: string;
  readonly [key: string]: unknown;
}

export interface RegisteredFunction {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly callback: (...inputs: unknown[]) => unknown;
}

interface InvocationArguments {
  readonly context: { readonly invocationId: string };
  readonly inputs: unknown[];
}
interface InvocationModel {
  getArguments(): Promise<InvocationArguments>;
  invokeFunction(context: unknown, inputs: unknown[], callback: unknown): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
}
interface ProgrammingModel {
  getInvocationModel(core: unknown): InvocationModel;
  getCapabilities(defaults: object): unknown;
}

/** A value as host and worker exchange it (FunctionRpc.proto, TypedData). */
export interface TypedData {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly http?: unknown;
}
export interface InvocationResponse {
  readonly returnValue?: TypedData | null;
  readonly outputData?: readonly { readonly name: string; readonly data: TypedData }[];
}

type HookCallback = (context: Record<string, unknown>) => unknown;
export type HostLog = (level: string, text: string) => void;

export interface Core {
  readonly functions: ReadonlyMap<string, RegisteredFunction>;
  /** Runs one function on its inputs. @throws what the function throws */
  invoke(name: string, data: TypedData, metadata?: Readonly<Record<string, TypedData>>): Promise<InvocationResponse>;
  hook(name: string, context: Record<string, unknown>): Promise<void>;
}

/** What the library has registered with this host so far. */
interface Registry {
  readonly functions: Map<string, RegisteredFunction>;
  readonly hooks: Map<string, HookCallback[]>;
  model: ProgrammingModel | undefined;
}

let installed: Core | undefined;

/**
 * Makes `require('@azure/functions-core')` give this host. `@azure/functions` asks for it once per process, so there is one core per process.
 * @param log gets what functions log
 */
export function installCore(log: HostLog): Core {
  if (installed) return installed;
  const registry: Registry = { functions: new Map(), hooks: new Map(), model: undefined };
  answerRequire('@azure/functions-core', coreModule(registry, log));
  installed = {
    functions: registry.functions,
    hook: (name, context) => runHooks(registry, name, context),
    invoke: (name, data, metadata = {}) => invoke(registry, log, name, data, metadata),
  };
  return installed;
}

class Disposable {
  private readonly run: () => unknown;
  constructor(run: () => unknown) {
    this.run = run;
  }
  dispose(): unknown {
    return this.run();
  }
}

/** The module as the library sees it (`@azure/functions-core` type definitions). */
const coreModule = (registry: Registry, log: HostLog) => ({
  version: '4.0.0',
  hostVersion: '4.1037.0',
  Disposable,
  setProgrammingModel(model: ProgrammingModel) {
    registry.model = model;
  },
  getProgrammingModel: () => registry.model,
  log: (level: string, _category: string, text: string) => log(level, text),
  registerHook(name: string, callback: HookCallback) {
    const all = (): HookCallback[] => registry.hooks.get(name) ?? [];
    registry.hooks.set(name, [...all(), callback]);
    return new Disposable(() =>
      registry.hooks.set(
        name,
        all().filter((other) => other !== callback),
      ),
    );
  },
  registerFunction(metadata: Omit<RegisteredFunction, 'callback'>, callback: RegisteredFunction['callback']) {
    registry.functions.set(metadata.name, { ...metadata, callback });
    return new Disposable(() => registry.functions.delete(metadata.name));
  },
});

/** The real worker patches the same place; it is the only one that the library looks at. */
function answerRequire(wanted: string, module: unknown): void {
  const prototype = Module.prototype as unknown as { require: (id: string) => unknown };
  const real = prototype.require;
  prototype.require = function patched(this: unknown, id: string): unknown {
    return id === wanted ? module : real.call(this, id);
  };
}

async function runHooks({ hooks }: Registry, name: string, context: Record<string, unknown>): Promise<void> {
  for (const callback of hooks.get(name) ?? []) await callback(context);
}

async function invoke(
  registry: Registry,
  log: HostLog,
  name: string,
  data: TypedData,
  triggerMetadata: Readonly<Record<string, TypedData>>,
): Promise<InvocationResponse> {
  const found = registry.functions.get(name);
  if (!found || !registry.model) throw new Error(`There is no function named ${name}`);
  const { bindings, callback } = found;
  const inputData = [{ name: triggerOf(found).name, data }];
  const invocation = registry.model.getInvocationModel({
    invocationId: randomUUID(),
    metadata: { name, bindings },
    request: { inputData, triggerMetadata, traceContext: {}, retryContext: undefined },
    state: 'invocation',
    log: (level: string, _category: string, text: string) => log(level, `[${name}] ${text}`),
  });
  const { context, inputs } = await invocation.getArguments();
  // A hook may put another callback or other inputs in their place.
  const hooked = { hookData: {}, appHookData: {}, invocationContext: context, inputs, functionCallback: callback };
  await runHooks(registry, 'preInvocation', hooked);
  const result = await invocation.invokeFunction(context, hooked.inputs, hooked.functionCallback);
  await runHooks(registry, 'postInvocation', { ...hooked, result, error: null });
  return invocation.getResponse(context, result);
}

/** @returns the binding that starts a function */
export function triggerOf(registered: Pick<RegisteredFunction, 'name' | 'bindings'>): Binding {
  const trigger = Object.values(registered.bindings).find((binding) => binding.type.toLowerCase().endsWith('trigger'));
  if (!trigger) throw new Error(`Function ${registered.name} has no trigger`);
  return trigger;
}
