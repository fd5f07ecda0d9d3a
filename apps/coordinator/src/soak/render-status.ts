import { stripVTControlCharacters, styleText } from "node:util";
import { formatBytes, formatDuration } from "@waybill/monitor";
import { formatCount, formatSeconds } from "../report/format-figures.ts";
import type { SoakStatus } from "./soak-status.ts";

/** How a status is drawn. */
export interface StatusStyle {
  /** Characters per line; a line is at most one shorter. */
  readonly columns: number;
  readonly hasColour: boolean;
  /** Whether the terminal may not know more than ASCII. */
  readonly isAscii: boolean;
}

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

const labelWidth = 10;
const barWidthMax = 40;

/** The lines of a terminal that show the state of a soak. What does not fit is left out from the right. */
export function renderStatus(status: SoakStatus, { columns, hasColour, isAscii }: StatusStyle): string[] {
  const paint: Paint = hasColour
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_, text) => text;
  const { done, files, firing, alerts } = status;
  const isFiring = firing.length > 0;
  const row = (label: string, cells: readonly string[]) => fitLine(label, cells, columns - 1);
  return [
    row("soak", [
      paint(status.weather === "storm" ? ["bold", "yellow"] : "green", status.weather.padEnd(5)),
      `+${formatDuration(status.simulatedMs)} simulated`,
      timeOf(status),
      `round ${status.round}, ${status.date}`,
    ]),
    row("size", [
      `${barOf(status, { width: barWidthOf(columns), paint, isAscii })} ${paint("bold", sizeOf(status))}`,
      `most ${formatBytes(status.mostBytes)}`,
    ]),
    row("files", [
      `${formatCount(files.active)} active`,
      `${formatCount(files.sealed)} sealed`,
      `${formatCount(files.archived)} archived`,
    ]),
    row("so far", [
      `${formatCount(done.sealed)} sealed`,
      `${formatCount(done.archived)} archived`,
      `${formatCount(done.expired)} expired`,
      `${formatCount(done.evicted)} evicted`,
      `${formatBytes(done.freedBytes)} freed`,
    ]),
    row("forecast", [status.forecast]),
    row("alerts", [
      isFiring ? paint(["bold", "red"], firing.join(", ")) : "none fires",
      `${formatCount(alerts.fired)} fired`,
      `${formatCount(alerts.ended)} ended`,
    ]),
    row("entries", [
      formatCount(status.entries),
      `${formatCount(status.entriesPerSecond)}/s`,
      latencyOf(status),
      status.dropped > 0 ? paint(["bold", "red"], droppedOf(status)) : droppedOf(status),
    ]),
  ];
}

/** One line without a terminal. */
export function formatStatusLine(status: SoakStatus): string {
  const { done } = status;
  return [
    `soak ${(status.elapsedMs / 1000).toFixed(0).padStart(3)} s`,
    `+${formatDuration(status.simulatedMs)}`,
    status.weather,
    `${sizeOf(status)} (most ${formatBytes(status.mostBytes)})`,
    `${formatCount(status.entries)} entries, ${formatCount(status.entriesPerSecond)}/s`,
    `${formatCount(done.sealed)} sealed, ${formatCount(done.archived)} archived, ${formatCount(done.expired)} expired, ${formatCount(done.evicted)} evicted`,
    status.forecast,
    status.firing.length === 0 ? "no alert" : `alert ${status.firing.join(", ")}`,
    latencyOf(status),
    droppedOf(status),
  ].join("  ");
}

function timeOf({ elapsedMs, totalMs }: SoakStatus): string {
  const elapsed = formatSeconds(Math.floor(elapsedMs / 1000) * 1000).replace(/\.0+ /, " ");
  return totalMs === undefined ? `${elapsed}, until Ctrl-C` : `${elapsed} of ${Math.round(totalMs / 1000)} s`;
}

function sizeOf({ bytes, limitBytes }: SoakStatus): string {
  return `${formatBytes(bytes)} of ${formatBytes(limitBytes)}`;
}

function latencyOf({ writeP99Ms }: SoakStatus): string {
  return `p99 ${writeP99Ms === undefined ? "–" : `${writeP99Ms.toFixed(writeP99Ms < 9.95 ? 1 : 0)} ms`}`;
}

function droppedOf({ dropped }: SoakStatus): string {
  return `${formatCount(dropped)} dropped`;
}

function barWidthOf(columns: number): number {
  return Math.min(barWidthMax, Math.max(4, columns - labelWidth - 44));
}

/** What is taken, what was taken at most, and what is free. */
function barOf(
  { bytes, mostBytes, limitBytes }: SoakStatus,
  { width, paint, isAscii }: { readonly width: number; readonly paint: Paint; readonly isAscii: boolean },
): string {
  const cells = (share: number) => Math.min(width, Math.round((share * width) / limitBytes));
  const taken = cells(bytes);
  const most = Math.max(0, cells(mostBytes) - taken);
  const [left, full, half, empty, right] = isAscii ? "[#=.]" : "▕█▒░▏";
  const style: Style = bytes > limitBytes ? "red" : "cyan";
  const free = `${empty}`.repeat(width - taken - most);
  return `${left}${paint(style, `${full}`.repeat(taken))}${`${half}`.repeat(most)}${free}${right}`;
}

/** A line of a label and cells, of which as many are taken as fit into `width`. */
function fitLine(label: string, cells: readonly string[], width: number): string {
  let line = label.padEnd(labelWidth);
  for (const [index, cell] of cells.entries()) {
    const added = index === 0 ? cell : `   ${cell}`;
    if (stripVTControlCharacters(line + added).length > width) break;
    line += added;
  }
  return line;
}
