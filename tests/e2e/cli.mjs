import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

// The program under test. CTest names it; by hand, what the preset `dev` builds is taken.
export const binary =
  process.env.MATRICULA_E2E_BINARY ??
  fileURLToPath(new URL("../../build/dev/src/cli/matricula", import.meta.url));

// What a child process sees of our environment: no setting of ours reaches it by accident.
export function cleanEnvironment(extra = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("MATRICULA_"));
  return { ...Object.fromEntries(kept), ...extra };
}

// Runs a program to its end and gives {status, signal, stdout, stderr}; a status other than 0 is
// not an error here. `input` goes to its standard input as text or bytes.
export function runProgram(program, args, { cwd, env = {}, input = "" } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: cleanEnvironment(env) });
    const stdout = [];
    const stderr = [];
    child.stdout.on("data", (bytes) => stdout.push(bytes));
    child.stderr.on("data", (bytes) => stderr.push(bytes));
    // A program that ends without reading its input is no failure of the test.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    child.on("error", reject);
    child.on("close", (status, signal) =>
      resolve({
        status,
        signal,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      }));
  });
}

// `matricula ARGS...`
export function matricula(args, options) {
  return runProgram(binary, args, options);
}

// The same, where anything but exit status 0 fails the test; gives standard output.
export async function succeed(args, options) {
  const done = await matricula(args, options);
  if (done.status !== 0) {
    throw new Error(`matricula ${args.join(" ")}: exit status ${done.status}\n${done.stderr}`);
  }
  return done.stdout;
}

// The same for commands that answer one JSON value a line.
export async function answer(args, options) {
  const lines = (await succeed([...args, "--json"], options)).split("\n").filter(Boolean);
  return lines.length === 1 ? JSON.parse(lines[0]) : lines.map((line) => JSON.parse(line));
}
