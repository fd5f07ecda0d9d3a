import { isAbsolute, normalize, parse } from "node:path";
import { z } from "zod";
import { defaults } from "./defaults.ts";
import {
  bareLevel,
  bareName,
  flag,
  integer,
  level,
  name,
  namedMap,
  quantity,
  quantityText,
  real,
  section,
  text,
  word,
} from "./schema-leaf.ts";

const maxAge = { min: 0.001, max: 36_500 };
const archiveAfter = { min: 0, max: 36_500 };
const totalSize = { min: 0.001, max: 1_048_576 };
const flushInterval = { min: 0.001, max: 60 };
const fileSize = { min: 0.001, max: 10_240 };
const queueLimit = { min: 0.01, max: 1024 };
const interval = { min: 1, max: 604_800 };

/** Of sections whose packages do not exist yet: a file can be written for them, and is checked, now. */
const notYet = "In this release only checked: nothing acts on it until its package comes.";
const inert = "Not acted on yet.";

const retentionPolicy = section(`What happens to sealed log files as they grow old. ${notYet}`, {
  max_age_days: quantity(`Days after which logs are deleted. ${inert}`, "days", {
    ...maxAge,
    default: defaults.max_age_days,
  }),
  max_age: quantityText("max_age_days", "days", maxAge),
  archive_after_days: quantity(`Days after which logs are archived; at most max_age_days. ${inert}`, "days", {
    ...archiveAfter,
    default: defaults.archive_after_days,
  }),
  archive_after: quantityText("archive_after_days", "days", archiveAfter),
  max_total_size_gb: quantity(`GB (1024³ bytes) that the whole log tree may take. ${inert}`, "gb", {
    ...totalSize,
    default: defaults.max_total_size_gb,
  }),
  max_total_size: quantityText("max_total_size_gb", "gb", totalSize),
  max_size_gb: quantity("Deprecated: write max_total_size_gb.", "gb", totalSize).meta({
    description: "Deprecated: write max_total_size_gb.",
    deprecated: true,
  }),
  compression_enabled: flag(`Whether archives are compressed. ${inert}`, defaults.compression_enabled),
});

const logLevels = section("The least severe level that is written, by kind of entry.", {
  system: level("Level of the coordinator and log manager. Default: log_levels.default."),
  containers: level(
    "Level of containers without one of their own or of their type. Default: log_levels.default.",
  ),
  event_flows: level("Level of flow records between containers. Default: log_levels.default."),
  lifecycle_management: level("Level of the start and stop of containers. Default: log_levels.default."),
  default: level("Level of every kind that is not given.", defaults.level),
});

const performance = section("How entries reach the disk.", {
  async_writing: flag("Whether writing is separate from logging; false is the same as mode: sync.", true),
  mode: word(
    "When an entry is safe. sync: at once. batched (default): within flush_interval_seconds. durable: batched, and flush() also waits for stable storage.",
    ["sync", "batched", "durable"],
  ),
  batch_size: integer("Entries that are written at once at the latest. Void in mode sync.", {
    min: 1,
    max: 100_000,
    default: defaults.batch_size,
  }),
  flush_interval_seconds: quantity(
    "Seconds that an entry waits at most, and so what SIGKILL may lose. Void in mode sync.",
    "seconds",
    { ...flushInterval, default: defaults.flush_interval_seconds },
  ),
  flush_interval: quantityText("flush_interval_seconds", "seconds", flushInterval),
  max_file_size_mb: quantity("MB (1024² bytes) at which a log file is sealed and the next one begun.", "mb", {
    ...fileSize,
    default: defaults.max_file_size_mb,
  }),
  max_file_size: quantityText("max_file_size_mb", "mb", fileSize),
  enable_compression: flag("Whether sealed log files are compressed.", defaults.enable_compression),
  queue_limit_mb: quantity(
    "MB of entries that wait in memory for one file; more are dropped and counted.",
    "mb",
    {
      ...queueLimit,
      default: defaults.queue_limit_mb,
    },
  ),
  queue_limit: quantityText("queue_limit_mb", "mb", queueLimit),
});

const monitoring = section(`When operations are told. ${notYet}`, {
  disk_usage_alert_threshold_gb: quantity(
    `GB of the log tree above which the disk alert is raised. Default: 8, at most 80 % of max_total_size_gb. ${inert}`,
    "gb",
    totalSize,
  ),
  disk_usage_alert_threshold: quantityText("disk_usage_alert_threshold_gb", "gb", totalSize),
  error_rate_alert_threshold: real(`Errors per minute above which the error alert is raised. ${inert}`, {
    min: 0.001,
    max: 1_000_000,
    default: defaults.error_rate_alert_threshold,
  }),
  performance_metrics_enabled: flag(
    `Whether system/performance_metrics.log is written. ${inert}`,
    defaults.performance_metrics_enabled,
  ),
});

const maintenance = section(`The periodic work on the log tree. Independent of async_writing. ${notYet}`, {
  enabled: flag(`Whether maintenance runs. ${inert}`, defaults.maintenance_enabled),
  interval_seconds: quantity(`Seconds between two runs. ${inert}`, "seconds", {
    ...interval,
    default: defaults.maintenance_interval_seconds,
  }),
  interval: quantityText("interval_seconds", "seconds", interval),
});

const tierError =
  'must be a lower-case name: a letter, then at most 31 letters, digits or "_"; "internal" is taken';
/** A flow tracer opens 32 streams; fast, standard, reliable and internal events have theirs in any case. */
const tiersMax = 28;
const tierCountError = `must name 1 to ${tiersMax} tiers`;
const tiers = z
  .array(z.string({ error: tierError }).regex(/^(?!internal$)[a-z][a-z0-9_]{0,31}$/, { error: tierError }), {
    error: "must be a list of tier names",
  })
  .min(1, { error: tierCountError })
  .max(tiersMax, { error: tierCountError })
  .optional()
  .meta({ description: "Transport classes between containers.", default: defaults.tiers });

const logging = section("Everything about logging that is not about one container.", {
  retention_policy: retentionPolicy,
  log_levels: logLevels,
  levels_by_type: namedMap(
    "Level by container type; stands between the container's own and its kind's.",
    bareLevel,
  ),
  performance,
  monitoring,
  maintenance,
  master: section("The overview file master.log.", {
    min_level: level("The least severe level that master.log takes.", defaults.level),
  }),
  correlations: section("The files under correlations/, one per prefix of a correlation id.", {
    max_prefixes: integer("Prefixes that get a file of their own.", {
      min: 1,
      max: 1000,
      default: defaults.max_prefixes,
    }),
  }),
  tiers,
});

const component = z.union(
  [bareLevel, section("Options of one component.", { level: level("Level of this component.") })],
  {
    error: "must be a level, or a map with the key level",
  },
);

const components = z
  .union(
    [
      z.array(bareName).max(1000, { error: "must name at most 1000 components" }),
      z.record(bareName, component),
    ],
    {
      error: "must be a list of component names, or a map from name to level",
    },
  )
  .nullish()
  .meta({ description: "The components of this container: a list of names, or a map from name to level." });

const container = z
  .strictObject(
    {
      type: name("Type of the container: names the factory that makes it."),
      instances: integer("Makes this many containers, named <id>_001, <id>_002, … instead of <id>.", {
        min: 1,
        max: 5000,
      }),
      logging: section("Logging of this container.", {
        level: level("Level of this container. Default: that of its type, else of log_levels.containers."),
        components,
      }),
      settings: z
        .record(z.string(), z.unknown(), { error: "must be a map of keys" })
        .nullish()
        .meta({ description: "Anything that the factory of this type takes. Not checked here." }),
    },
    { error: "must be a map of keys with at least type" },
  )
  .meta({ description: "One container, or with instances many of the same kind." });

/** Names that lie above every folder a log tree may be: the root of a disk, `.."`, and a home that nobody expands. */
function isUsableLogDir(directory: string): boolean {
  if (directory.trim() === "" || directory.includes("\0") || directory.length > 1024) return false;
  if (directory === "~" || /^~[/\\]/.test(directory)) return false;
  const normal = normalize(directory);
  if (isAbsolute(normal)) return parse(normal).root !== normal;
  return !/(^|[/\\])\.\.[/\\]?$/.test(normal);
}

const coordinatorFields = {
  coordinator_id: bareName.optional().meta({
    description: "Name of this coordinator; stands in the names of its flow files.",
    default: defaults.coordinator_id,
  }),
  log_dir: text(
    "Root of the log tree. A relative path starts at the working directory.",
    'a directory of its own: not empty, not "/" or "..", and without "~", which is not expanded',
    isUsableLogDir,
    defaults.log_dir,
  ),
};

/** The whole file. The flat shape, with the coordinator's keys at the top, stands beside the nested one. */
export const configSchema = z
  .strictObject(
    {
      $schema: z.string({ error: "must be the address of a JSON Schema" }).optional().meta({
        description: "Address of this schema, for editors of JSON files.",
      }),
      coordinator: section("Who coordinates, and where the log tree stands.", coordinatorFields),
      ...coordinatorFields,
      logging,
      containers: namedMap("The containers, by id.", container),
    },
    { error: "must be a map of keys" },
  )
  .meta({ title: "Waybill configuration", description: "Configuration of a Waybill coordinator." });

/** A file that has passed the schema: levels and quantities are read, nothing is filled in. */
export type CheckedConfig = z.output<typeof configSchema>;

/** What the schema takes, in the spelling of the file. */
export type FileConfig = z.input<typeof configSchema>;
