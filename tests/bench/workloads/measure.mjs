// Asks with wrk, from core 1.
import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { onCore } from "./sides.mjs";

const script = fileURLToPath(new URL("wrk.lua", import.meta.url));
let lists = 0;

export const path = (endpoint) => `/api/public/api/v1/${endpoint}/graphql`;

// One run: requests a second, failed ones, p99 in ms. With `yields` this client leaves its core to
// others that are measured at the same time.
export async function measure(side, requests, { dir, connections, seconds, yields = false }) {
  const list = join(dir, `requests-${process.pid}-${++lists}.tsv`);
  writeFileSync(list, requests.map(({ endpoint, query, variables }) =>
    `${path(endpoint)}\t${JSON.stringify({ query, variables })}\n`).join(""));
  const child = spawn(...onCore(1, "nice", ["-n", yields ? "19" : "0", "wrk", "-t1", `-c${connections}`, `-d${seconds}s`,
    "--timeout", "15s", "-s", script, side.url]),
  { env: { ...process.env, WORKLOAD_FILE: list, WORKLOAD_TOKEN: side.token } });
  let output = "";
  child.stdout.on("data", (text) => { output += text; });
  child.stderr.on("data", (text) => { output += text; });
  await new Promise((resolve) => { child.on("close", resolve); });
  rmSync(list, { force: true });
  const match = /^result (\d+) (\d+) (\d+) (\d+)$/m.exec(output);
  if (!match) {
    throw new Error(`wrk: ${output}`);
  }
  const [count, micros, failed, p99] = match.slice(1).map(Number);
  return { rate: (count - failed) / (micros / 1e6), failed, p99: p99 / 1000 };
}
