// Turns the folders that Vite wrote into one C++ source that carries every file in the program.
// usage: node embed.mjs OUTPUT.cpp DIST...
//
// A file stands there as it is and, where that makes it smaller, compressed with gzip ahead of time. The bytes come in
// by the assembler's .incbin: a compiler takes seconds to read megabytes of array elements.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join, relative, resolve, sep } from "node:path";
import { gzipSync } from "node:zlib";

const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".md": "text/markdown; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
};

const [output, ...folders] = process.argv.slice(2).map((path) => resolve(path));
const packed = join(dirname(output), "packed");
rmSync(packed, { recursive: true, force: true });
mkdirSync(packed, { recursive: true });

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    // Node before 20.12 calls the folder of an entry `path`.
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((file) => ({ file, path: relative(folder, file) }));
}

// By path as the program looks them up; a file that several folders hold is the same in each.
const files = new Map(folders.flatMap(filesBelow).map(({ file, path }) => [path, file]));
const paths = [...files.keys()].sort();

const included = [];
const rows = [];
function include(symbol, file) {
  included.push(
    `    ".global ${symbol}\\n${symbol}:\\n.incbin \\"${file}\\"\\n"`,
    `    ".global ${symbol}_end\\n${symbol}_end:\\n.byte 0\\n"`,
  );
  return `bytes(${symbol}, ${symbol}_end)`;
}

const symbols = [];
paths.forEach((path, index) => {
  const type = types[extname(path)];
  if (type === undefined) {
    throw new Error(`${path}: embed.mjs knows no media type for it`);
  }
  const bytes = readFileSync(files.get(path));
  const plain = `matricula_web_${index}`;
  symbols.push(plain);
  const identity = include(plain, files.get(path));
  let gzip = "{}";
  const compressed = gzipSync(bytes, { level: 9 });
  if (compressed.length < bytes.length * 0.95) {
    const file = join(packed, `${index}.gz`);
    writeFileSync(file, compressed);
    symbols.push(`${plain}_gz`);
    gzip = include(`${plain}_gz`, file);
  }
  const tag = createHash("sha256").update(bytes).digest("hex").slice(0, 20);
  const url = "/" + path.split(sep).join("/");
  rows.push(`    {"${url}", "${type}", "${tag}", ${identity}, ${gzip}},`);
});

writeFileSync(
  output,
  `// Made by web/embed.mjs.
#include <array>

#include "portal/assets.h"

asm(".section .rodata.matricula_web,\\"a\\"\\n"
${included.join("\n")}
    ".previous\\n");

extern "C" {
${symbols.map((symbol) => `extern const char ${symbol}[];\nextern const char ${symbol}_end[];`).join("\n")}
}

namespace matricula::portal {
namespace {

std::string_view bytes(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::span<const Asset> assets() {
  static const std::array<Asset, ${rows.length}> all{{
${rows.join("\n")}
  }};
  return all;
}

}  // namespace matricula::portal
`,
);
