export { type CommandResult, cleanEnvironment, packAll, runCommand } from "./pack.ts";
