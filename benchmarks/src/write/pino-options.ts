import type { LoggerOptions } from "pino";

/** Makes pino write the fields that all contestants write, in its fastest documented ways. */
export const pinoOptions: LoggerOptions = {
  level: "debug",
  base: null,
  messageKey: "message",
  timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
  formatters: { level: (label) => ({ level: label }) },
};
