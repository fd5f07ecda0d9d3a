import { isAbsolute, normalize, parse } from "node:path";
import { z } from "zod";
import { defaults } from "./defaults.ts";
import { bareLevel, bareName, integer, level, name, namedMap, section, text } from "./schema-leaf.ts";
import { flightRecorderSchema } from "./sections/flight-recorder.ts";
import { foldingSchema } from "./sections/folding.ts";
import { maintenanceSchema } from "./sections/maintenance.ts";
import { monitoringSchema } from "./sections/monitoring.ts";
import { performanceSchema } from "./sections/performance.ts";
import { quotasSchema } from "./sections/quotas.ts";
import { retentionPolicySchema } from "./sections/retention-policy.ts";

const logLevels = section("The least severe level that is written, by kind of entry.", {
  system: level("Level of the coordinator and log manager. Default: log_levels.default."),
  containers: level(
    "Level of containers without one of their own or of their type. Default: log_levels.default.",
  ),
  event_flows: level("Level of flow records between containers. Default: log_levels.default."),
  lifecycle_management: level("Level of the start and stop of containers. Default: log_levels.default."),
  default: level("Level of every kind that is not given.", defaults.level),
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
  retention_policy: retentionPolicySchema,
  log_levels: logLevels,
  levels_by_type: namedMap(
    "Level by container type; stands between the container's own and its kind's.",
    bareLevel,
  ),
  performance: performanceSchema,
  monitoring: monitoringSchema,
  maintenance: maintenanceSchema,
  flight_recorder: flightRecorderSchema,
  quotas: quotasSchema,
  folding: foldingSchema,
  master: section("The overview file master.log.", {
    min_level: level("The least severe level that master.log takes.", defaults.level),
    max_entries_per_second: integer(
      "Entries per second that master.log takes; more are left out of it, counted, and stay in their own files.",
      { min: 1, max: 1_000_000, default: defaults.max_entries_per_second },
    ),
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
