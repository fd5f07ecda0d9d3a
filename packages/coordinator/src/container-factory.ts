import type { Attached, LoggingMembers, WithLogging } from "@waybill/capabilities";
import type { EventFlowTracer } from "@waybill/flows";
import type { ContainerLogRegistry } from "./container-log-registry.ts";

/** What a container is made from. */
export interface ContainerServices {
  readonly containerId: string;
  readonly type: string;
  /** `settings` of the configuration, with what `createContainer` was given on top, key by key. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Makes the loggers of the container's components. */
  readonly registry: ContainerLogRegistry;
  /** Records the flows between containers. */
  readonly tracer: EventFlowTracer;
  readonly coordinatorId: string;
}

/**
 * Makes the containers of one type. What it returns needs no particular shape: `initialize`, `shutdown` or `cleanup` are
 * called where they exist, and `status` or `getStatus()` is shown.
 */
export type ContainerFactory = (services: ContainerServices) => object | Promise<object>;

/** Factories by type of container. */
export type ContainerFactories = Readonly<Record<string, ContainerFactory>>;

/** A container of unknown type with logging attached. */
export type LoggedContainer = Attached<object, LoggingMembers & WithLogging>;

/** What `createContainer` gives for a type: what its factory makes, with logging attached. */
export type ContainerOf<Factories extends ContainerFactories, Type extends keyof Factories> = Attached<
  Awaited<ReturnType<Factories[Type]>>,
  LoggingMembers & WithLogging
>;

/** What a container is created with: its type, and settings for its factory beside it. */
export interface ContainerSpec {
  /** Default: that of the configuration. */
  readonly type?: string;
  readonly [setting: string]: unknown;
}

/** The factories by type. @throws {TypeError} for one that is no function. */
export function parseFactories(factories: ContainerFactories): ReadonlyMap<string, ContainerFactory> {
  for (const [type, factory] of Object.entries(factories)) {
    if (typeof factory !== "function") {
      throw new TypeError(
        `the factory of type ${JSON.stringify(type)} must be a function, not ${typeof factory}`,
      );
    }
  }
  return new Map(Object.entries(factories));
}

/** @throws {TypeError} when a factory has made what can be no container. */
export function requireContainer(made: unknown, type: string): asserts made is object {
  if ((typeof made === "object" && made !== null) || typeof made === "function") return;
  const kind = made === null ? "null" : typeof made;
  throw new TypeError(
    `the factory of type ${JSON.stringify(type)} must return an object or a function, not ${kind}`,
  );
}

/** Calls the first of the named methods that a container has; nothing when it has none. */
export async function callFirst(container: object, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const method: unknown = Reflect.get(container, name);
    if (typeof method !== "function") continue;
    await method.call(container);
    return;
  }
}
