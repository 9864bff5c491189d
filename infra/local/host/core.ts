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

let installed: Core | undefined;

/**
 * Makes `require('@azure/functions-core')` give this host. `@azure/functions` asks for it once a process, so there is one core a process.
 * @param log gets what functions log
 */
export function installCore(log: HostLog): Core {
  if (installed) return installed;
  const functions = new Map<string, RegisteredFunction>();
  const hooks = new Map<string, HookCallback[]>();
  let model: ProgrammingModel | undefined;

  class Disposable {
    private readonly run: () => unknown;
    constructor(run: () => unknown) {
      this.run = run;
    }
    dispose(): unknown {
      return this.run();
    }
  }

  const api = {
    version: '4.0.0',
    hostVersion: '4.1037.0',
    Disposable,
    setProgrammingModel: (value: ProgrammingModel) => {
      model = value;
    },
    getProgrammingModel: () => model,
    log: (level: string, _category: string, text: string) => log(level, text),
    registerHook: (name: string, callback: HookCallback) => {
      hooks.set(name, [...(hooks.get(name) ?? []), callback]);
      return new Disposable(() =>
        hooks.set(
          name,
          (hooks.get(name) ?? []).filter((other) => other !== callback),
        ),
      );
    },
    registerFunction: (metadata: Omit<RegisteredFunction, 'callback'>, callback: RegisteredFunction['callback']) => {
      functions.set(metadata.name, { ...metadata, callback });
      return new Disposable(() => functions.delete(metadata.name));
    },
  };

  // The real worker patches the same place; it is the only one that the library looks at.
  const prototype = Module.prototype as unknown as { require: (id: string) => unknown };
  const real = prototype.require;
  prototype.require = function patched(this: unknown, id: string): unknown {
    return id === '@azure/functions-core' ? api : real.call(this, id);
  };

  const hook = async (name: string, context: Record<string, unknown>): Promise<void> => {
    for (const callback of hooks.get(name) ?? []) await callback(context);
  };

  installed = {
    functions,
    hook,
    async invoke(name, data, metadata = {}) {
      const found = functions.get(name);
      if (!found || !model) throw new Error(`There is no function named ${name}`);
      const trigger = triggerOf(found);
      const invocationId = randomUUID();
      const core = {
        invocationId,
        metadata: { name, bindings: found.bindings },
        request: {
          inputData: [{ name: trigger.name, data }],
          triggerMetadata: metadata,
          traceContext: {},
          retryContext: undefined,
        },
        state: 'invocation',
        log: (level: string, _category: string, text: string) => log(level, `[${name}] ${text}`),
      };
      const invocation = model.getInvocationModel(core);
      const { context, inputs } = await invocation.getArguments();
      const hookContext = {
        hookData: {},
        appHookData: {},
        invocationContext: context,
        inputs,
        functionCallback: found.callback,
      };
      await hook('preInvocation', hookContext);
      const result = await invocation.invokeFunction(context, hookContext.inputs, hookContext.functionCallback);
      await hook('postInvocation', { ...hookContext, result, error: null });
      return invocation.getResponse(context, result);
    },
  };
  return installed;
}

/** @returns the binding that starts a function */
export function triggerOf(registered: Pick<RegisteredFunction, 'name' | 'bindings'>): Binding {
  const trigger = Object.values(registered.bindings).find((binding) => binding.type.toLowerCase().endsWith('trigger'));
  if (!trigger) throw new Error(`Function ${registered.name} has no trigger`);
  return trigger;
}
