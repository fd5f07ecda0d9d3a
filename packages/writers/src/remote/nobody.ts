import type { EntrySource } from "@waybill/protocols";

/** Under whose name gap records are written before the first entry. */
export const nobody: EntrySource = { containerId: "", componentName: "" };
