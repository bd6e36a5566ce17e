// Writes a frame where it lies, and reads it there: prints the bytes, then what is refused and why.
import { Cloud, CloudWriter, Head, State, Vec3, type CloudDims } from "./frames.js";
import { FrameError } from "./ipc_wire.js";

function refused(run: () => unknown): void {
  try {
    run();
    console.log("not refused");
  } catch (error) {
    console.log(error instanceof FrameError ? error.message : String(error));
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error("absent");
  }
  return value;
}

const put = (place: Uint8Array, text: string): void => place.set(new TextEncoder().encode(text));

const dims: CloudDims = {
  rows: 2,
  cols: 1,
  head: new Head({ n: 1, m: 1 }),
  frameId: 4,
  name: 3,
  label: { text: 2 },
  labels: [{ text: 1 }],
  names: [1, 0],
  chunks: [2],
  weights: true,
};
const room = new Uint8Array(1024).fill(0xaa);
const size = Cloud.frameSize(dims);
const frame: CloudWriter = Cloud.writer(room.subarray(0, size), dims);
frame.stamp = -5n;
frame.flag = true;
frame.points.at(1).y = 2.5;
frame.q[5] = 1;
put(present(frame.frameId), "base");
put(frame.name, "abc");
frame.label.score = 0.5;
put(frame.label.text, "hi");
for (const label of frame.labels) {
  label.score = 1;
  put(label.text, "x");
}
put(frame.names.at(0), "n");
present(frame.chunks).at(0)[1] = 9;
present(frame.weights)[0] = -1;
frame.gain = 3;
frame.armed = false;
frame.finish();
console.log([...room.subarray(0, size)].map((byte) => byte.toString(16).padStart(2, "0")).join(""));

const view = Cloud.view(room.subarray(0, size));
console.log(
  String(view.stamp),
  Number(view.flag),
  view.points.length,
  view.points.at(1).y,
  view.frameId,
  view.name,
  view.label.text,
  view.labels.at(0).text,
  view.names.at(0),
  present(view.chunks).at(0).length,
  present(view.weights)[0],
  view.gain,
  Number(view.armed),
  `${Number(view.blob !== undefined)}${Number(view.maybe !== undefined)}`,
);
const parts = [view.points.at(0).place.bytes, view.q, present(view.weights), present(view.chunks).at(0)];
console.log(parts.every((part) => part.buffer === room.buffer) ? "no copy" : "a copy");

refused(() => Cloud.view(room.subarray(1, size + 1)));
refused(() => Cloud.writer(new Uint8Array(size - 1), dims));
refused(() => view.names.at(2));
frame.label.score = 2;
refused(() => frame.finish());
refused(() => Cloud.frameSize({ ...dims, cols: 2049 }));
refused(() => Cloud.frameSize({ ...dims, head: new Head({ n: 2 }), labels: [] }));
refused(() => Cloud.frameSize({ ...dims, names: [6, 0] }));
refused(() => new Cloud({ rows: 2, cols: 1, points: [new Vec3()] }).serialize());
refused(() => new Cloud({ names: ["\udcff", ""] }).serialize());

const state = State.writer(room.subarray(0, State.frameSize()));
state.stamp = 7n;
state.temperature = 151;
refused(() => state.finish());
state.temperature = undefined;
state.finish();
console.log(String(State.view(room.subarray(0, State.size)).stamp));
refused(() => {
  state.self = 65536;
});
refused(() => {
  state.q = [0, 0, 0, 0, 0];
});
