import type { Plugin } from "vite";

export function documentation(): Plugin;
