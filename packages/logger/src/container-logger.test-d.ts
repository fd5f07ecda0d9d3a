import type { ContainerAware, CorrelationAware, Level, Loggable } from "@waybill/protocols";
import { createMemoryWriter } from "@waybill/testing";
import { expectTypeOf } from "vitest";
import { type ContainerLogger, createContainerLogger, type RecordedLogger } from "./index.ts";

const logger = createContainerLogger({ containerId: "c", componentName: "d", writer: createMemoryWriter() });

// A logger speaks the protocols that the rest of the family asks for.
expectTypeOf(logger).toEqualTypeOf<RecordedLogger>();
expectTypeOf(logger).toExtend<ContainerLogger>();
expectTypeOf(logger).toExtend<Loggable & ContainerAware & CorrelationAware>();
expectTypeOf(logger.level).toEqualTypeOf<Level>();

// Messages and contexts may be made late; a context may be an error.
logger.info(
  () => "text",
  () => ({ a: 1 }),
);
logger.error("failed", new Error("e"));
logger.log("warn", "either vocabulary", { a: 1 });

// @ts-expect-error a message is a text
logger.info(7);
// @ts-expect-error a context has fields
logger.info("m", "text");
// @ts-expect-error the level of a logger is a word of the format
logger.level = "warn";
// @ts-expect-error the identity of a logger is fixed
logger.containerId = "other";
// @ts-expect-error a logger needs a writer
createContainerLogger({ containerId: "c", componentName: "d" });
