// The server's side: one conformance_probe for all questions, answers in their order.
import { spawn } from 'node:child_process';

export class Probe {
  #child;
  #waiting = [];
  #rest = '';

  // `schemas`: NAME=FILE, as the probe takes them.
  constructor(program, schemas) {
    this.#child = spawn(program, schemas, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout.setEncoding('utf8');
    this.#child.stdout.on('data', (text) => this.#receive(text));
    this.#child.stdin.on('error', () => {});
    this.#child.on('close', (code, signal) => {
      for (const { reject, line } of this.#waiting) {
        reject(new Error(`the probe ended (${signal ?? code}) at or before: ${line}`));
      }
    });
  }

  #receive(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop();
    for (const line of lines) {
      this.#waiting.shift().resolve(JSON.parse(line));
    }
  }

  // `line` is the text of one JSON object.
  ask(line) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject, line });
      this.#child.stdin.write(`${line}\n`);
    });
  }

  end() {
    this.#child.stdin.end();
  }
}
