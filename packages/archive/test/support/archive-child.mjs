// Archives a tree, and kills itself before its N-th call of the operating system.
import process from "node:process";

const [dist, root, killAt] = process.argv.slice(2);
const { archiveWith } = await import(`${dist}/archive-segment.js`);
const { nodeFiles } = await import(`${dist}/files/archive-files.js`);
const { createTreeLayout, listSegments } = await import("@waybill/log-tree");

let calls = 0;
const counted = Object.fromEntries(
  Object.entries(nodeFiles).map(([verb, call]) => [
    verb,
    (...args) => {
      calls += 1;
      if (calls === Number(killAt)) process.kill(process.pid, "SIGKILL");
      return call(...args);
    },
  ]),
);
const layout = createTreeLayout(root);
for (const segment of (await listSegments(root)).segments)
  if (segment.state === "sealed" && !segment.shadowed) await archiveWith(counted, segment, { layout });
process.stdout.write(String(calls));
