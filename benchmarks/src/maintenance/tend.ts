// Tends a large tree step by step, in a process of its own: `tend.js <TendOptions as JSON>`; answers with a
// `TendReport`.
import { recoverArchive } from "@waybill/archive";
import { type ConfigInput, resolveConfig } from "@waybill/config";
import { type LogManager, type MaintenanceReport, openLogManager } from "@waybill/coordinator";
import { openTreeLedger } from "@waybill/log-tree";
import { answerParent } from "../child-program.ts";
import { fileCount, type GeneratedTree, generateTree } from "./generate-tree.ts";
import { type MeasuredStep, measureStep } from "./measured-steps.ts";

/** What a run is told. */
export interface TendOptions {
  readonly root: string;
  readonly tree: GeneratedTree;
}

/** What tending a tree has cost. */
export interface TendReport {
  readonly files: number;
  readonly bytes: number;
  readonly steps: readonly MeasuredStep[];
}

function configOf(root: string, logging: ConfigInput["logging"] = {}) {
  return resolveConfig({ coordinator: { coordinatorId: "bench", logDir: root }, logging } as ConfigInput)
    .config;
}

function described({ rounds, deleted, archived, sealed, failed }: MaintenanceReport): string {
  const parts = Object.entries({ deleted, archived, sealed, failed }).filter(([, count]) => count > 0);
  return [
    `${rounds} plan${rounds === 1 ? "" : "s"}`,
    ...parts.map(([what, count]) => `${count} ${what}`),
  ].join(", ");
}

async function run({ root, tree }: TendOptions): Promise<TendReport> {
  generateTree(root, tree, Date.now());
  const steps: MeasuredStep[] = [];
  let bytes = 0;
  steps.push(
    await measureStep(
      "first look: `openTreeLedger`",
      () => openTreeLedger(root),
      (ledger) => {
        bytes = ledger.totals.bytes;
        return "";
      },
    ),
  );
  const recover = async (): Promise<string> => {
    const { layout } = await openTreeLedger(root);
    const { listed, finished, problems } = await recoverArchive({ layout });
    return `${listed.length} listed, ${finished.length} finished, ${problems.length} problems`;
  };
  steps.push(await measureStep("`recoverArchive` without a manifest", recover, String));
  steps.push(await measureStep("`recoverArchive`, nothing to do", recover, String));
  const manager = openLogManager({ config: configOf(root) });
  try {
    steps.push(...(await tend(manager, root)));
  } finally {
    await manager.close();
  }
  return { files: fileCount(tree), bytes, steps };
}

async function tend(manager: LogManager, root: string): Promise<MeasuredStep[]> {
  const { maintenance, monitor } = manager;
  const steps: MeasuredStep[] = [];
  steps.push(
    await measureStep(
      "start, up to the first plan",
      () => maintenance.plan(),
      ({ steps: planned }) => `${planned.length} steps`,
    ),
  );
  steps.push(
    await measureStep(
      "a plan",
      () => maintenance.plan(),
      ({ steps: planned }) => `${planned.length} steps`,
    ),
  );
  steps.push(await measureStep("a run, nothing to do", () => maintenance.run(), described));
  steps.push(await measureStep("a look of the monitor", () => monitor.recent(0)));
  const runWith = async (logging: ConfigInput["logging"]): Promise<MaintenanceReport> => {
    const before = maintenance.totals;
    const { archived, deleted } = before;
    manager.applyConfig(configOf(root, logging));
    const report = await maintenance.run();
    const after = maintenance.totals;
    return { ...report, archived: after.archived - archived, deleted: after.deleted - deleted };
  };
  // Of the older half of the archive the oldest tenth.
  const deleting = { retentionPolicy: { maxAgeDays: 27 } };
  steps.push(
    await measureStep("a run that deletes", () => runWith(deleting as ConfigInput["logging"]), described),
  );
  // Of the older half of the sealed segments the oldest twenty-fifth.
  const archiving = { retentionPolicy: { maxAgeDays: 27, archiveAfterDays: 5.88 } };
  steps.push(
    await measureStep("a run that archives", () => runWith(archiving as ConfigInput["logging"]), described),
  );
  return steps;
}

await answerParent(run);
