// Serves a script until it is killed, for shell stories and benchmarks:
// node model-server-cli.ts SCRIPT.json [--log FILE] [--latency MILLISECONDS] [--loop]
import { appendFileSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { scriptSchema } from "./model-script.ts";
import { startModelServer } from "./model-server.ts";

const usage = "usage: model-server-cli.ts SCRIPT.json [--log FILE] [--latency MILLISECONDS] [--loop]";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { log: { type: "string" }, latency: { type: "string", default: "0" }, loop: { type: "boolean" } },
});
const [file] = positionals;
if (file === undefined || positionals.length > 1) {
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}
const answers = scriptSchema.parse(JSON.parse(readFileSync(file, "utf8")));

let played = 0;
const again = () => answers[played++ % answers.length] ?? { status: 400, message: `${file} holds no answers.` };

const server = await startModelServer(values.loop ? again : answers, {
  latency: Number(values.latency),
  onRequest: (request) => {
    if (values.log) appendFileSync(values.log, `${JSON.stringify(request)}\n`);
  },
});
process.stdout.write(`${server.url}\n`);
