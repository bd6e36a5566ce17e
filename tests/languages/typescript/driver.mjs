// Rewrites frames: see ../mod.rs. The first argument names the module of the classes.
import { readFileSync, writeFileSync } from "node:fs";

const classes = await import(`./${process.argv[2]}`);
const { FrameError } = await import("./ipc_wire.js");
const byName = new Map(Object.values(classes).map((each) => [each.className, each]));

function answer(name, text) {
  const of = byName.get(name);
  try {
    if (text === "new") {
      return hex(new of().serialize());
    }
    // Each frame stands elsewhere, and is copied where it has to be.
    const bytes = Buffer.from(text === "-" ? "" : text, "hex");
    const frame = new Uint8Array(bytes.length + 1).subarray(1);
    frame.set(bytes);
    return hex(of.deserialize(frame).serialize());
  } catch (error) {
    if (error instanceof FrameError) {
      return `! ${error.message}`;
    }
    throw error;
  }
}

function hex(frame) {
  return `= ${frame.length === 0 ? "-" : Buffer.from(frame).toString("hex")}`;
}

const questions = readFileSync(0, "utf8").trimEnd().split("\n");
writeFileSync(1, questions.map((line) => `${answer(...line.split(" "))}\n`).join(""));
