// Classes of frames, written by `ipc export --lang typescript`. Do not edit: change the description, and export it again.
//
// scan.ts needs ipc_wire.ts beside it. A fixed class is the struct that stands in a frame. A variable class is an
// owned value with a View to read a frame where it lies, and a Writer to write one there. Such a frame starts at a multiple
// of 8 in its buffer.

import * as wire from "./ipc_wire.js";

export const BEAMS = 4n;

/**
 * how it measures
 * Other numbers are kept.
 */
export type Mode = number;
export const Mode = {
  Idle: 0,
  Fast: 1,
} as const;

/** where the sensor is */
export class Pose extends wire.FixedClass {
  static readonly className = "Pose";
  static readonly fingerprint: Readonly<Uint8Array> = Uint8Array.of(0xc7, 0x17, 0x03, 0xc0, 0x3f, 0x86, 0x7a, 0xa8, 0xdd, 0x05, 0x17, 0xf6, 0x06, 0xb3, 0xee, 0x2b);
  /** The class and all it uses, as canonical JSON. */
  static readonly schema =
    "{\"namespace\":\"robot\",\"classes\":[\n" +
    "{\"className\":\"Pose\",\"comment\":\"where the sensor is\",\"members\":[\n" +
    "{\"name\":\"x\",\"type\":\"float64\",\"unit\":\"m\"},\n" +
    "{\"name\":\"y\",\"type\":\"float64\",\"unit\":\"m\"},\n" +
    "{\"name\":\"valid\",\"type\":\"bool\",\"default\":true}\n" +
    "]}\n" +
    "]}\n";

  static readonly size = 24;
  static readonly align = 8;

  /** A new value, or one that stands elsewhere. */
  constructor(values: wire.Place | {
    x?: number | undefined;
    y?: number | undefined;
    valid?: boolean | undefined;
  } = {}) {
    super(values instanceof wire.Place ? values : wire.Place.zeros(24));
    if (!(values instanceof wire.Place)) {
      if (values.x !== undefined) {
        this.x = values.x;
      }
      if (values.y !== undefined) {
        this.y = values.y;
      }
      this.valid = values.valid ?? true;
    }
  }

  /** The value of a frame's bytes, which may stand anywhere. */
  static deserialize(frame: Uint8Array): Pose {
    return Pose.view(wire.aligned(frame)).copy();
  }

  static frameSize(): number {
    return 24;
  }

  /** A frame, read where it lies. */
  static view(frame: Uint8Array): Pose {
    return new Pose(wire.cast(Pose, frame));
  }

  /** A frame, written where it lies: it is zeroed, unless the caller writes it all. `finish` is the last step. */
  static writer(frame: Uint8Array, zero = true): Pose {
    const value = Pose.view(frame);
    if (zero) {
      value.place.clear(0, 24);
    }
    return value;
  }

  /** Unit: m. */
  get x(): number {
    return this.place.getFloat64(0);
  }
  set x(value: number) {
    this.place.setFloat64(0, value);
  }


  /** Unit: m. */
  get y(): number {
    return this.place.getFloat64(8);
  }
  set y(value: number) {
    this.place.setFloat64(8, value);
  }


  get valid(): boolean {
    return this.place.getBool(16);
  }
  set valid(value: boolean) {
    this.place.setBool(16, value);
  }


  override tidy(): void {
    this.place.tidyBools(16, 1);
    this.place.clear(17, 7);
  }
}

/** What fixes the size of a frame of Scan. */
export interface ScanDims {
  /**
   * ranges of each beam
   * Bounds: at most 4096.
   */
  n: number;
  /** Length of each element of `labels` in bytes. */
  labels: readonly number[];
}

/** The fixed part of a frame of Scan, but for what fixes its size. */
class ScanFixed {
  readonly place: wire.Place;

  constructor(place: wire.Place) {
    this.place = place;
  }

  /** Unit: ns. */
  get stamp(): bigint {
    return this.place.getInt64(0);
  }
  set stamp(value: bigint) {
    this.place.setInt64(0, value, "Scan", "stamp");
  }


  get mode(): Mode {
    return this.place.getUint8(10);
  }
  set mode(value: Mode) {
    this.place.setUint8(10, value, "Scan", "mode");
  }


  get pose(): Pose {
    return new Pose(this.place.part(16, 24));
  }
  set pose(value: Pose) {
    this.place.set(16, value.place);
  }


  get temperature(): number | undefined {
    return this.place.isPresent(48, 1) ? this.place.getFloat32(44) : undefined;
  }
  set temperature(value: number | undefined) {
    this.place.setPresent(48, 1, value !== undefined);
    if (value === undefined) {
      this.place.clear(44, 4);
    } else {
      this.place.setFloat32(44, value);
    }
  }

}

/** A frame of Scan, read where it lies. */
export class ScanView extends ScanFixed {
  readonly #mN: number;
  readonly #mRanges: Float32Array;
  readonly #mLabels: wire.Elements<string, string>;

  /** Checks all that decides where something is. `frame` starts at a multiple of 8 in its buffer. */
  constructor(frame: Uint8Array) {
    const reader = new wire.Reader("Scan", frame);
    super(reader.fixed(56));
    const mN = this.place.getUint16(8);
    this.#mN = mN;
    this.#mRanges = reader.array("ranges", Float32Array, Scan.countRanges(mN));
    this.#mLabels = reader.list("labels", wire.TEXT, this.place.getUint32(40), Scan.countLabels(mN), 20);
    reader.finish();
  }

  /**
   * ranges of each beam
   * Bounds: at most 4096.
   */
  get n(): number {
    return this.#mN;
  }

  /**
   * Unit of each element: m.
   * Size: 4 × n.
   * Bounds: at least 0.0.
   */
  get ranges(): Float32Array {
    return this.#mRanges;
  }

  /**
   * Size: n.
   * Bounds: at most 20 bytes.
   */
  get labels(): wire.Elements<string, string> {
    return this.#mLabels;
  }

  /** Checks `min` and `max` of every member. */
  validate(): void {
    wire.check(this.#mN, new wire.Site("Scan", "n"), " up to 4096", undefined, 4096);
    wire.check(this.#mRanges, new wire.Site("Scan", "ranges"), " from 0", 0.0, undefined);
  }

  /** A value of its own. Throws if a string is not UTF-8. */
  copy(): Scan {
    const value = new Scan(this.place.copy());
    value.n = this.#mN;
    value.ranges = this.#mRanges.slice();
    value.labels = this.#mLabels.copy();
    return value;
  }
}

/** A frame of Scan, written where it lies. What fixes its size has no setter. */
export class ScanWriter extends ScanFixed {
  readonly #frame: Uint8Array;
  readonly #mN: number;
  readonly #mRanges: Float32Array;
  readonly #mLabels: wire.MutableElements<string, Uint8Array>;

  /**
   * Lays a frame out: it starts at a multiple of 8 in its buffer, and has `frameSize(dims)` bytes. Regions are zeroed,
   * unless the caller writes them all. Without dimensions, the frame was laid out before.
   */
  constructor(frame: Uint8Array, dims?: ScanDims, zero = true) {
    const reader = new wire.Reader("Scan", frame);
    if (dims !== undefined) {
      Scan.build(dims, new wire.Builder(frame, zero));
    }
    super(reader.fixed(56));
    this.#frame = frame;
    const mN = this.place.getUint16(8);
    this.#mN = mN;
    this.#mRanges = reader.array("ranges", Float32Array, Scan.countRanges(mN));
    this.#mLabels = reader.editList("labels", wire.TEXT, this.place.getUint32(40), Scan.countLabels(mN));
    reader.finish();
  }

  /**
   * ranges of each beam
   * Bounds: at most 4096.
   */
  get n(): number {
    return this.#mN;
  }

  /**
   * Unit of each element: m.
   * Size: 4 × n.
   * Bounds: at least 0.0.
   */
  get ranges(): Float32Array {
    return this.#mRanges;
  }

  /**
   * Size: n.
   * Bounds: at most 20 bytes.
   */
  get labels(): wire.MutableElements<string, Uint8Array> {
    return this.#mLabels;
  }

  /** The last step before the frame is sent: zeros where the wire rules want them, then the checks of `min` and `max`. */
  finish(): void {
    this.tidy();
    new ScanView(this.#frame).validate();
  }

  /** Makes all bytes those that the wire rules ask of a writer. */
  tidy(): void {
    new Pose(this.place.part(16, 24)).tidy();
  }
}

/** one turn of the sensor */
export class Scan extends ScanFixed {
  static readonly className = "Scan";
  static readonly fingerprint: Readonly<Uint8Array> = Uint8Array.of(0x3d, 0xed, 0xc9, 0xe1, 0xf1, 0x3c, 0x19, 0x62, 0x7a, 0x57, 0x13, 0x56, 0x2d, 0x8d, 0x8f, 0xb2);
  /** The class and all it uses, as canonical JSON. */
  static readonly schema =
    "{\"namespace\":\"robot\",\"enums\":[\n" +
    "{\"enumName\":\"Mode\",\"comment\":\"how it measures\",\"base\":\"uint8\",\"values\":{\"Idle\":0,\"Fast\":1}}\n" +
    "],\"classes\":[\n" +
    "{\"className\":\"Pose\",\"comment\":\"where the sensor is\",\"members\":[\n" +
    "{\"name\":\"x\",\"type\":\"float64\",\"unit\":\"m\"},\n" +
    "{\"name\":\"y\",\"type\":\"float64\",\"unit\":\"m\"},\n" +
    "{\"name\":\"valid\",\"type\":\"bool\",\"default\":true}\n" +
    "]},\n" +
    "{\"className\":\"Scan\",\"comment\":\"one turn of the sensor\",\"members\":[\n" +
    "{\"name\":\"stamp\",\"type\":\"int64\",\"unit\":\"ns\"},\n" +
    "{\"name\":\"n\",\"type\":\"uint16\",\"comment\":\"ranges of each beam\",\"max\":4096},\n" +
    "{\"name\":\"mode\",\"type\":\"Mode\",\"default\":\"Fast\"},\n" +
    "{\"name\":\"pose\",\"type\":\"Pose\"},\n" +
    "{\"name\":\"ranges\",\"type\":\"array\",\"size\":[4,\"n\"],\"elem\":{\"type\":\"float32\",\"unit\":\"m\",\"min\":0.0}},\n" +
    "{\"name\":\"labels\",\"type\":\"array\",\"size\":[\"n\"],\"elem\":{\"type\":\"string\",\"max\":20}},\n" +
    "{\"name\":\"temperature\",\"type\":\"float32\",\"optional\":true}\n" +
    "]}\n" +
    "]}\n";

  /**
   * Unit of each element: m.
   * Size: 4 × n.
   * Bounds: at least 0.0.
   */
  ranges: Float32Array;
  /**
   * Size: n.
   * Bounds: at most 20 bytes.
   */
  labels: string[];

  /** A new value; or for a View that is copied, one with this fixed part. */
  constructor(values: wire.Place | {
    stamp?: bigint | undefined;
    n?: number | undefined;
    mode?: Mode | undefined;
    pose?: Pose | undefined;
    ranges?: wire.Values | undefined;
    labels?: Iterable<string> | undefined;
    temperature?: number | undefined;
  } = {}) {
    super(values instanceof wire.Place ? values : wire.Place.zeros(56));
    const given = values instanceof wire.Place ? {} : values;
    this.ranges = wire.arrayOf(Float32Array, given.ranges, 0);
    this.labels = wire.listOf(given.labels, 0, () => "");
    if (!(values instanceof wire.Place)) {
      if (values.stamp !== undefined) {
        this.stamp = values.stamp;
      }
      if (values.n !== undefined) {
        this.n = values.n;
      }
      this.mode = values.mode ?? Mode.Fast;
      this.pose = values.pose ?? new Pose();
      if (values.temperature !== undefined) {
        this.temperature = values.temperature;
      }
    }
  }

  /**
   * ranges of each beam
   * Bounds: at most 4096.
   */
  get n(): number {
    return this.place.getUint16(8);
  }
  set n(value: number) {
    this.place.setUint16(8, value, "Scan", "n");
  }


  /** The bytes of a frame. Throws if arrays disagree with dimensions, or a member is outside of its bounds. */
  serialize(): Uint8Array {
    const dims = this.dims();
    const frame = new Uint8Array(Scan.frameSize(dims));
    this.serializeInto(frame, dims);
    return frame;
  }

  /** The same, into a place of `frameSize(dims)` bytes that starts at a multiple of 8 in its buffer. */
  serializeInto(frame: Uint8Array, dims: ScanDims): void {
    const writer = new ScanWriter(frame, dims, false);
    this.fill(writer);
    writer.finish();
  }

  /** The value of a frame's bytes, which may stand anywhere. */
  static deserialize(frame: Uint8Array): Scan {
    return new ScanView(wire.aligned(frame)).copy();
  }

  /** Bytes of a frame with these dimensions. Throws if that overflows, breaks a `max` or reaches 4 GiB. */
  static frameSize(dims: ScanDims): number {
    const builder = new wire.Builder();
    Scan.build(dims, builder);
    return builder.position;
  }

  static view(frame: Uint8Array): ScanView {
    return new ScanView(frame);
  }

  static writer(frame: Uint8Array, dims?: ScanDims, zero = true): ScanWriter {
    return new ScanWriter(frame, dims, zero);
  }

  /** What fixes the size of this value's frame. Throws if its arrays disagree with its dimensions. */
  dims(): ScanDims {
    const mN = this.n;
    wire.checkCount(new wire.Site("Scan", "ranges"), Scan.countRanges(mN), this.ranges.length, "4 × n", { "n": mN });
    wire.checkCount(new wire.Site("Scan", "labels"), Scan.countLabels(mN), this.labels.length, "n", { "n": mN });
    return {
      n: mN,
      labels: wire.listDims(wire.TEXT, this.labels, new wire.Site("Scan", "labels")),
    };
  }

  /** Number of elements of `ranges`: 4 × n. */
  static countRanges(mN: number): bigint {
    if (mN > 4096) {
      new wire.Site("Scan", "n").outOfRange(" up to 4096", mN);
    }
    try {
      return wire.elementCount(4n, wire.operand(mN));
    } catch (error) {
      if (error instanceof wire.SizeError) {
        throw error.at(new wire.Site("Scan", "ranges"), "4 × n", { "n": mN });
      }
      throw error;
    }
  }

  /** Number of elements of `labels`: n. */
  static countLabels(mN: number): bigint {
    if (mN > 4096) {
      new wire.Site("Scan", "n").outOfRange(" up to 4096", mN);
    }
    try {
      return wire.elementCount(wire.operand(mN));
    } catch (error) {
      if (error instanceof wire.SizeError) {
        throw error.at(new wire.Site("Scan", "labels"), "n", { "n": mN });
      }
      throw error;
    }
  }

  // For other exported classes.

  static build(dims: ScanDims, builder: wire.Builder): void {
    const body = new wire.Body(builder, "Scan", 56);
    const mN = dims.n;
    body.array("ranges", 4, Scan.countRanges(mN));
    const mLabels = body.list("labels", wire.TEXT, Scan.countLabels(mN), dims.labels, 20);
    const place = body.fixed();
    if (place !== undefined) {
      place.setUint16(8, mN, "Scan", "n");
      place.setHidden(40, mLabels);
    }
  }

  fill(frame: ScanWriter): void {
    frame.place.setFrom(this.place, 0, 8);
    frame.place.setFrom(this.place, 10, 1);
    frame.place.setFrom(this.place, 16, 24);
    wire.assign(frame.ranges, this.ranges, new wire.Site("Scan", "ranges"));
    frame.labels.fill(this.labels);
    if (this.place.isPresent(48, 1)) {
      frame.place.setFrom(this.place, 44, 4);
      frame.place.setPresent(48, 1, true);
    }
  }
}

/** What stands in a region of another class. */
export const ScanKind = wire.nested<Scan, ScanView, ScanWriter, ScanDims>(ScanView, ScanWriter, Scan.build);
