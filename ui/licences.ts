// Writes licences.txt beside the built page: the licence of every package whose code is in the bundle.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const PACKAGE = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//;

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, string>;
  const file = readdirSync(folder).find((entry) => /^(licen[sc]e|copying)/i.test(entry));
  const text = file === undefined ? "" : readFileSync(join(folder, file), "utf8").trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
}

export function licences(): Plugin {
  const folders = new Set<string>();
  return {
    name: "licences",
    moduleParsed({ id }) {
      const folder = PACKAGE.exec(id)?.[1]?.replace(/^\0/, "");
      if (folder !== undefined && existsSync(join(folder, "package.json"))) folders.add(folder);
    },
    generateBundle() {
      const source = [...folders].map(licenceOf).sort().join(`\n${"-".repeat(79)}\n\n`);
      this.emitFile({ type: "asset", fileName: "licences.txt", source });
    },
  };
}
