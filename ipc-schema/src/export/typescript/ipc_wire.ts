// What exported TypeScript classes stand on: errors, checked sizes, and the walks over a frame's bytes.
//
// Written by `ipc export --lang typescript`; the same for every schema. Node 18 and browsers, no dependencies.

/** Bytes that are no frame of a class, or a value that its class refuses. */
export class FrameError extends Error {
  className: string;
  /** Where it is: `points[3].x`; empty for the frame as a whole. */
  path: string;
  private readonly problem: string;

  constructor(className: string, path: string, problem: string) {
    super();
    this.name = "FrameError";
    this.className = className;
    this.path = path;
    this.problem = problem;
    this.compose();
  }

  /** The error of a frame of another class, in which it lies at `place`. */
  putInside(className: string, place: string): void {
    this.className = className;
    this.path = this.path === "" ? place : `${place}.${this.path}`;
    this.compose();
  }

  private compose(): void {
    this.message = `class ${this.className}${this.path === "" ? "" : `, member ${this.path}`}: ${this.problem}`;
  }
}

/** A size has no value. */
export class SizeError extends Error {
  /** The error of the array that has this size. */
  at(site: Site, size: string, operands: Operands): FrameError {
    return new FrameError(site.className, site.place(), `its size is ${sizeText(size, operands)}: ${this.message}`);
  }
}

/** What a size names. */
export type Operands = Record<string, number | bigint>;

const FRAME_LIMIT = 2 ** 32;
const NO_MAX = (1n << 64n) - 1n;
const TOO_LONG = "a frame is shorter than 4 GiB, and this one is not";

/** The next multiple of `align` at or after `at`. */
function alignUp(at: number, align: number): number {
  return Math.ceil(at / align) * align;
}

// Numbers as the errors of every language write them.

/** In decimal, without an exponent, and with no more digits than tell it from its neighbours. */
export function toText(value: number | bigint): string {
  if (typeof value === "bigint" || !Number.isFinite(value)) {
    return String(value).replace("Infinity", "inf");
  }
  const text = Object.is(value, -0) ? "-0" : String(value);
  const [number = "", exponentText] = text.split("e");
  if (exponentText === undefined) {
    return text;
  }
  const exponent = Number(exponentText);
  const sign = number.startsWith("-") ? "-" : "";
  const digits = number.replace(/[-.]/g, "");
  return sign + (exponent < 0 ? `0.${"0".repeat(-exponent - 1)}${digits}` : digits.padEnd(exponent + 1, "0"));
}

/** Which member of which class a check is about, or which element of it. */
export class Site {
  readonly className: string;
  private readonly member: string;
  private readonly element: number | undefined;

  constructor(className: string, member = "", element?: number) {
    this.className = className;
    this.member = member;
    this.element = element;
  }

  at(index: number): Site {
    return new Site(this.className, this.member, index);
  }

  place(): string {
    return this.member + (this.element === undefined ? "" : `[${this.element}]`);
  }

  fail(problem: string): never {
    throw new FrameError(this.className, this.place(), problem);
  }

  /** `bounds` is ` from 0 up to 7`. */
  outOfRange(bounds: string, found: number | bigint): never {
    return this.fail(`expected a value${bounds}, found ${toText(found)}`);
  }

  checkLen(lenBytes: number, maxBytes: number): void {
    if (lenBytes > maxBytes) {
      this.fail(`expected at most ${maxBytes} bytes (its max), found ${lenBytes}`);
    }
  }

  /** What is wrong inside of the member is wrong in its class. */
  inside<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (error instanceof FrameError) {
        error.putInside(this.className, this.place());
      }
      throw error;
    }
  }
}

/** Checks the bounds of a value, or of each element. */
export function check<T extends number | bigint>(
  value: T | Iterable<T>,
  site: Site,
  bounds: string,
  least: T | undefined,
  greatest: T | undefined,
): void {
  const checkOne = (found: T, where: Site): void => {
    if (!((least === undefined || found >= least) && (greatest === undefined || found <= greatest))) {
      where.outOfRange(bounds, found);
    }
  };
  if (typeof value === "object") {
    let index = 0;
    for (const each of value) {
      checkOne(each, site.at(index++));
    }
  } else {
    checkOne(value, site);
  }
}

/** Checks the bounds inside of a struct, or of each. */
export function checkStructs(value: FixedClass | Iterable<FixedClass>, site: Site): void {
  if (value instanceof FixedClass) {
    site.inside(() => value.validate());
  } else {
    let index = 0;
    for (const each of value) {
      site.at(index++).inside(() => each.validate());
    }
  }
}

// Sizes: unsigned 64-bit arithmetic, checked at every step.

/** `n*n with n = 3` */
function sizeText(size: string, operands: Operands): string {
  const values = Object.entries(operands).map(([name, value]) => `${name} = ${value}`);
  return values.length === 0 ? size : `${size} with ${values.join(", ")}`;
}

function noSize(why: string): never {
  throw new SizeError(`a size expression: ${why}`);
}

/** A member that a size names. */
export function operand(value: number | bigint): bigint {
  return value < 0 ? noSize(`${value} is negative, and sizes are unsigned`) : BigInt(value);
}

function in64Bits(value: bigint, left: bigint, symbol: string, right: bigint): bigint {
  return value > NO_MAX ? noSize(`${left} ${symbol} ${right} overflows 64 bits`) : value;
}

export function add(left: bigint, right: bigint): bigint {
  return in64Bits(left + right, left, "+", right);
}

export function subtract(left: bigint, right: bigint): bigint {
  return left < right ? noSize(`${left} - ${right} is below zero, and sizes are unsigned`) : left - right;
}

export function multiply(left: bigint, right: bigint): bigint {
  return in64Bits(left * right, left, "*", right);
}

export function divide(left: bigint, right: bigint): bigint {
  return right === 0n ? noSize(`${left} is divided by zero`) : left / right;
}

export function remainder(left: bigint, right: bigint): bigint {
  return right === 0n ? noSize(`${left} is divided by zero`) : left % right;
}

export function minimum(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}

export function maximum(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

/** The product of an array's dimensions, from left to right: an overflow before a zero is an error too. */
export function elementCount(...dims: bigint[]): bigint {
  let count = 1n;
  for (const dim of dims) {
    count *= dim;
    if (count > NO_MAX) {
      throw new SizeError("the number of elements overflows 64 bits");
    }
  }
  return count;
}

/** Checks that an array has as many elements as its dimensions say. */
export function checkCount(site: Site, expected: bigint, found: number, size: string, operands: Operands): void {
  if (expected !== BigInt(found)) {
    const why = Object.keys(operands).length === 0 ? "" : `, because its size is ${sizeText(size, operands)}`;
    site.fail(`expected ${expected} elements${why}, found ${found}`);
  }
}

// Values in a frame.

/** Arrays of numbers. */
export type Numbers =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** Their classes. */
export interface NumbersType<T extends Numbers> {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): T;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

/** What an array's elements may be given as. */
export type Values = ArrayLike<number | bigint | boolean>;

/** Elements of the same number, bit by bit where they are of the same type. */
export function assign(target: Numbers, values: Values, site: Site): void {
  if (target.length !== values.length) {
    site.fail(`expected ${target.length} elements, found ${values.length}`);
  }
  copyValues(target, values);
}

function copyValues(target: Numbers, values: Values): void {
  if (target.constructor === values.constructor) {
    raw(target).set(raw(values as Numbers));
    return;
  }
  for (let index = 0; index < target.length; index++) {
    const value = values[index] ?? 0;
    if (target instanceof BigInt64Array || target instanceof BigUint64Array) {
      target[index] = BigInt(value);
    } else {
      target[index] = Number(value);
    }
  }
}

/** An array of its own; without values, one of `count` zeros. */
export function arrayOf<T extends Numbers>(of: NumbersType<T>, values: Values | undefined, count: number): T {
  const array = new of(values?.length ?? count);
  if (values !== undefined) {
    copyValues(array, values);
  }
  return array;
}

/** A list of its own; without values, one of `count` new ones. */
export function listOf<T>(values: Iterable<T> | undefined, count: number, make: () => T): T[] {
  return values === undefined ? Array.from({ length: count }, make) : [...values];
}

function raw(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function inRange<T extends number | bigint>(value: T, least: T, greatest: T, className: string, member: string): T {
  if (!(value >= least && value <= greatest)) {
    new Site(className, member).outOfRange(` from ${least} up to ${greatest}`, value);
  }
  return value;
}

/** The bytes of a struct or a frame, wherever they are. */
export class Place {
  readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Zeros in memory of their own. */
  static zeros(size: number): Place {
    return new Place(new Uint8Array(size));
  }

  part(offset: number, size: number): Place {
    return new Place(this.bytes.subarray(offset, offset + size));
  }

  array<T extends Numbers>(of: NumbersType<T>, offset: number, count: number): T {
    return new of(this.bytes.buffer, this.bytes.byteOffset + offset, count);
  }

  copy(): Place {
    return new Place(this.bytes.slice());
  }

  set(offset: number, from: Place): void {
    this.bytes.set(from.bytes, offset);
  }

  /** The same bytes of another struct, bit by bit. */
  setFrom(from: Place, offset: number, size: number): void {
    this.bytes.set(from.bytes.subarray(offset, offset + size), offset);
  }

  clear(offset: number, size: number): void {
    this.bytes.fill(0, offset, offset + size);
  }

  isPresent(offset: number, mask: number): boolean {
    return (this.view.getUint8(offset) & mask) !== 0;
  }

  setPresent(offset: number, mask: number, present: boolean): void {
    const bits = this.view.getUint8(offset);
    this.view.setUint8(offset, present ? bits | mask : bits & ~mask);
  }

  /** Bools to 0 or 1. */
  tidyBools(offset: number, count: number): void {
    tidyBools(this.bytes.subarray(offset, offset + count));
  }

  getBool(offset: number): boolean {
    return this.view.getUint8(offset) !== 0;
  }
  setBool(offset: number, value: boolean): void {
    this.view.setUint8(offset, value ? 1 : 0);
  }
  /** A length or an end, which a frame's size bounds. */
  setHidden(offset: number, value: number): void {
    this.view.setUint32(offset, value, true);
  }
  getInt8(offset: number): number {
    return this.view.getInt8(offset);
  }
  setInt8(offset: number, value: number, className: string, member: string): void {
    this.view.setInt8(offset, inRange(value, -0x80, 0x7f, className, member));
  }
  getInt16(offset: number): number {
    return this.view.getInt16(offset, true);
  }
  setInt16(offset: number, value: number, className: string, member: string): void {
    this.view.setInt16(offset, inRange(value, -0x8000, 0x7fff, className, member), true);
  }
  getInt32(offset: number): number {
    return this.view.getInt32(offset, true);
  }
  setInt32(offset: number, value: number, className: string, member: string): void {
    this.view.setInt32(offset, inRange(value, -0x8000_0000, 0x7fff_ffff, className, member), true);
  }
  getInt64(offset: number): bigint {
    return this.view.getBigInt64(offset, true);
  }
  setInt64(offset: number, value: bigint, className: string, member: string): void {
    this.view.setBigInt64(offset, inRange(value, -(1n << 63n), (1n << 63n) - 1n, className, member), true);
  }
  getUint8(offset: number): number {
    return this.view.getUint8(offset);
  }
  setUint8(offset: number, value: number, className: string, member: string): void {
    this.view.setUint8(offset, inRange(value, 0, 0xff, className, member));
  }
  getUint16(offset: number): number {
    return this.view.getUint16(offset, true);
  }
  setUint16(offset: number, value: number, className: string, member: string): void {
    this.view.setUint16(offset, inRange(value, 0, 0xffff, className, member), true);
  }
  getUint32(offset: number): number {
    return this.view.getUint32(offset, true);
  }
  setUint32(offset: number, value: number, className: string, member: string): void {
    this.view.setUint32(offset, inRange(value, 0, 0xffff_ffff, className, member), true);
  }
  getUint64(offset: number): bigint {
    return this.view.getBigUint64(offset, true);
  }
  setUint64(offset: number, value: bigint, className: string, member: string): void {
    this.view.setBigUint64(offset, inRange(value, 0n, NO_MAX, className, member), true);
  }
  getFloat32(offset: number): number {
    return this.view.getFloat32(offset, true);
  }
  setFloat32(offset: number, value: number): void {
    this.view.setFloat32(offset, value, true);
  }
  getFloat64(offset: number): number {
    return this.view.getFloat64(offset, true);
  }
  setFloat64(offset: number, value: number): void {
    this.view.setFloat64(offset, value, true);
  }
}

/** Bools to 0 or 1. */
export function tidyBools(places: Uint8Array): void {
  places.forEach((byte, index) => {
    places[index] = byte === 0 ? 0 : 1;
  });
}

/** A fixed class: the struct that stands in a frame, or one in memory of its own. */
export abstract class FixedClass {
  /** Its bytes. */
  readonly place: Place;

  protected constructor(place: Place) {
    this.place = place;
  }

  /** The bytes of a frame. Throws if a member is outside of its bounds. */
  serialize(): Uint8Array {
    const value = this.copy();
    value.finish();
    return value.place.bytes;
  }

  /** The same, into a place of as many bytes. */
  serializeInto(frame: Uint8Array): void {
    const value = this.copy();
    value.finish();
    frame.set(value.place.bytes);
  }

  /** A value of its own. */
  copy(): this {
    return new (this.constructor as new (place: Place) => this)(this.place.copy());
  }

  /** The last step before a frame is sent: zeros where the wire rules want them, then the checks of `min` and `max`. */
  finish(): void {
    this.tidy();
    this.validate();
  }

  /** Checks `min` and `max` of every member. */
  validate(): void {}

  /** Makes all bytes those that the wire rules ask of a writer. */
  tidy(): void {}
}

/** The class of a fixed class. */
export interface Struct<T extends FixedClass> {
  readonly className: string;
  readonly size: number;
  readonly align: number;
  new (place: Place): T;
}

/** Structs side by side: each is read and written where it lies. */
export class Structs<T extends FixedClass> {
  readonly length: number;
  private readonly of: Struct<T>;
  private readonly place: Place;

  constructor(of: Struct<T>, place: Place) {
    this.of = of;
    this.place = place;
    this.length = place.bytes.length / of.size;
  }

  at(index: number): T {
    if (!(index >= 0 && index < this.length)) {
      throw new RangeError(`expected an index below ${this.length}, found ${index}`);
    }
    return new this.of(this.place.part(index * this.of.size, this.of.size));
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let index = 0; index < this.length; index++) {
      yield this.at(index);
    }
  }

  /** Values of their own. */
  copy(): T[] {
    return [...this].map((each) => each.copy());
  }

  /** Copies values into their places. */
  set(values: Iterable<T>, site: Site): void {
    const all = [...values];
    if (all.length !== this.length) {
      site.fail(`expected ${this.length} elements, found ${all.length}`);
    }
    all.forEach((value, index) => this.at(index).place.set(0, value.place));
  }

  /** Makes all bytes those that the wire rules ask of a writer. */
  tidy(): void {
    for (const each of this) {
      each.tidy();
    }
  }
}

/** The bytes of a fixed class's frame, where they lie. */
export function cast<T extends FixedClass>(of: Struct<T>, frame: Uint8Array): Place {
  const isWhole = frame.length === of.size;
  if (!isWhole || frame.byteOffset % of.align !== 0) {
    const why = isWhole ? "TargetAlignmentGreaterAndInputNotAligned" : "SizeMismatch";
    new Site(of.className).fail(`expected an aligned frame of ${of.size} bytes, found ${frame.length} (${why})`);
  }
  return new Place(frame);
}

/** A frame's bytes where they may be read: a copy, unless they are aligned already. */
export function aligned(frame: Uint8Array): Uint8Array {
  return frame.byteOffset % 8 === 0 ? frame : new Uint8Array(frame);
}

// Text.

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Where the first byte stands that is no UTF-8. */
function invalidUtf8(text: Uint8Array): number {
  const byte = (at: number): number => text[at] ?? 0;
  let at = 0;
  for (;;) {
    const lead = byte(at);
    // How many bytes follow, and what the first of them may be: no form that is too long, no half of a surrogate pair,
    // nothing above U+10FFFF.
    let more = 0;
    let least = 0x80;
    let greatest = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) {
      more = 1;
    } else if (lead >= 0xe0 && lead <= 0xef) {
      more = 2;
      least = lead === 0xe0 ? 0xa0 : least;
      greatest = lead === 0xed ? 0x9f : greatest;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      more = 3;
      least = lead === 0xf0 ? 0x90 : least;
      greatest = lead === 0xf4 ? 0x8f : greatest;
    } else if (lead >= 0x80) {
      return at;
    }
    if (more > 0 && (text.length - at <= more || byte(at + 1) < least || byte(at + 1) > greatest)) {
      return at;
    }
    for (let i = 2; i <= more; i++) {
      if ((byte(at + i) & 0xc0) !== 0x80) {
        return at;
      }
    }
    at += more + 1;
  }
}

function notUtf8(site: Site, at: number): never {
  return site.fail(`expected UTF-8, found an invalid sequence at byte ${at}`);
}

function decode(bytes: Uint8Array, site: Site): string {
  // What other threads may write, a decoder need not take.
  const text = bytes.buffer instanceof ArrayBuffer ? bytes : new Uint8Array(bytes);
  try {
    return decoder.decode(text);
  } catch {
    return notUtf8(site, invalidUtf8(text));
  }
}

/** Half of a surrogate pair is three bytes, as in UTF-8 of old. */
function encodedLength(text: string): number {
  return encoder.encode(text).length;
}

function encode(text: string, site: Site): Uint8Array {
  const half = /\p{Surrogate}/u.exec(text);
  return half === null ? encoder.encode(text) : notUtf8(site, encodedLength(text.slice(0, half.index)));
}

// What may fill a region by itself, or stand in an array of variable elements.

/** A kind of variable size: its owned value, what is checked of it, what a View and a Writer give, what fixes its size. */
export interface Kind<Owned, Raw, Item, Written, Dims> {
  readonly align: number;
  raw(frame: Uint8Array, site: Site, maxBytes: number): Raw;
  item(raw: Raw, site: Site): Item;
  edit(frame: Uint8Array): Written;
  build(dims: Dims, builder: Builder, site: Site, maxBytes: number): void;
  dims(value: Owned, site: Site): Dims;
  fill(value: Owned, place: Written, site: Site): void;
  copy(raw: Raw, site: Site): Owned;
  validate(raw: Raw, site: Site): void;
  tidy(place: Written): void;
}

export const BLOB: Kind<Uint8Array, Uint8Array, Uint8Array, Uint8Array, number> = {
  align: 1,
  raw(frame, site, maxBytes) {
    site.checkLen(frame.length, maxBytes);
    return frame;
  },
  item: (raw) => raw,
  edit: (frame) => frame,
  build(lenBytes, builder, site, maxBytes) {
    site.checkLen(lenBytes, maxBytes);
    builder.region(lenBytes, site);
  },
  dims: (value) => value.length,
  fill(value, place) {
    place.set(value);
  },
  copy: (raw) => raw.slice(),
  validate() {},
  tidy() {},
};

export const TEXT: Kind<string, Uint8Array, string, Uint8Array, number> = {
  ...BLOB,
  item: decode,
  dims: encodedLength,
  fill(value, place, site) {
    place.set(encode(value, site));
  },
  copy: decode,
};

interface Validated<Owned> {
  copy(): Owned;
  validate(): void;
}

interface Filled<Written, Dims> {
  dims(): Dims;
  fill(place: Written): void;
}

/** A variable class. */
export function nested<Owned extends Filled<Written, Dims>, View extends Validated<Owned>, Written extends { tidy(): void }, Dims>(
  view: new (frame: Uint8Array) => View,
  writer: new (frame: Uint8Array) => Written,
  build: (dims: Dims, builder: Builder) => void,
): Kind<Owned, View, View, Written, Dims> {
  return {
    align: 8,
    raw: (frame, site) => site.inside(() => new view(frame)),
    item: (raw) => raw,
    edit: (frame) => new writer(frame),
    build: (dims, builder, site) => site.inside(() => build(dims, builder)),
    dims: (value, site) => site.inside(() => value.dims()),
    fill: (value, place, site) => site.inside(() => value.fill(place)),
    copy: (raw, site) => site.inside(() => raw.copy()),
    validate: (raw, site) => site.inside(() => raw.validate()),
    tidy: (place) => place.tidy(),
  };
}

function pastEnd(site: Site, end: number, lenBytes: number): never {
  return site.fail(`a region ends at byte ${end} of only ${lenBytes} bytes`);
}

function otherEnd(site: Site, end: number, lenBytes: number): never {
  return site.fail(`the last region ends at byte ${end}, but there are ${lenBytes} bytes`);
}

/** Where elements of variable size stand in their region: a table of ends, then the bodies. */
class Table {
  readonly count: bigint;
  private readonly region: Place;
  private readonly size: number;
  private readonly align: number;
  private readonly site: Site;
  private readonly first: number;

  constructor(region: Uint8Array, count: bigint, align: number, site: Site) {
    this.region = new Place(region);
    this.size = region.length;
    this.count = count;
    this.align = align;
    this.site = site;
    this.first = count >= BigInt(FRAME_LIMIT / 4) ? FRAME_LIMIT : alignUp(4 * Number(count), 8);
  }

  /** Checks all of it. */
  check(): void {
    if (this.count === 0n) {
      if (this.size !== 0) {
        this.site.fail(`an array without elements has a region of ${this.size} bytes`);
      }
      return;
    }
    if (this.first >= FRAME_LIMIT) {
      this.site.fail(TOO_LONG);
    }
    if (this.first > this.size) {
      pastEnd(this.site, this.first, this.size);
    }
    let end = 0;
    for (let index = 0; index < this.count; index++) {
      end = this.checkEnd(index, alignUp(end, this.align));
    }
    if (this.first + end !== this.size) {
      otherEnd(this.site, this.first + end, this.size);
    }
  }

  /** An element, checked by itself: someone else may have changed the table. */
  body(index: number): Uint8Array {
    if (!(index >= 0 && index < this.count)) {
      this.site.fail(`expected an index below ${this.count}, found ${index}`);
    }
    if (this.first > this.size) {
      pastEnd(this.site, this.first, this.size);
    }
    const start = index === 0 ? 0 : alignUp(this.region.getUint32(4 * (index - 1)), this.align);
    const end = this.checkEnd(index, start);
    return this.region.bytes.subarray(this.first + start, this.first + end);
  }

  private checkEnd(index: number, start: number): number {
    const end = this.region.getUint32(4 * index);
    if (end < start) {
      this.site.fail(`end ${index} of an array of variable elements is ${end}, before its start ${start}`);
    }
    if (this.first + end >= FRAME_LIMIT) {
      this.site.fail(TOO_LONG);
    }
    if (this.first + end > this.size) {
      pastEnd(this.site, this.first + end, this.size);
    }
    return end;
  }
}

/** An array of texts, blobs or variable classes in a frame that is read. */
export class Elements<Owned, Item> {
  private readonly kind: Kind<Owned, any, Item, any, any>;
  private readonly site: Site;
  private readonly maxBytes: number;
  private readonly table: Table;

  constructor(
    kind: Kind<Owned, any, Item, any, any>,
    region: Uint8Array,
    count: bigint,
    site: Site,
    maxBytes: number,
  ) {
    this.kind = kind;
    this.site = site;
    this.maxBytes = maxBytes;
    this.table = new Table(region, count, kind.align, site);
  }

  get length(): number {
    return Number(this.table.count);
  }

  at(index: number): Item {
    return this.kind.item(this.raw(index), this.site.at(index));
  }

  *[Symbol.iterator](): Iterator<Item> {
    for (let index = 0; index < this.length; index++) {
      yield this.at(index);
    }
  }

  // For exported classes.

  check(): void {
    this.table.check();
    for (let index = 0; index < this.length; index++) {
      this.raw(index);
    }
  }

  copy(): Owned[] {
    return Array.from({ length: this.length }, (_, index) => this.kind.copy(this.raw(index), this.site.at(index)));
  }

  validate(): void {
    for (let index = 0; index < this.length; index++) {
      this.kind.validate(this.raw(index), this.site.at(index));
    }
  }

  private raw(index: number): unknown {
    return this.kind.raw(this.table.body(index), this.site.at(index), this.maxBytes);
  }
}

/** The same in a frame that is written. */
export class MutableElements<Owned, Written> {
  private readonly kind: Kind<Owned, any, any, Written, any>;
  private readonly site: Site;
  private readonly table: Table;

  constructor(kind: Kind<Owned, any, any, Written, any>, region: Uint8Array, count: bigint, site: Site) {
    this.kind = kind;
    this.site = site;
    this.table = new Table(region, count, kind.align, site);
  }

  get length(): number {
    return Number(this.table.count);
  }

  at(index: number): Written {
    return this.kind.edit(this.table.body(index));
  }

  *[Symbol.iterator](): Iterator<Written> {
    for (let index = 0; index < this.length; index++) {
      yield this.at(index);
    }
  }

  // For exported classes.

  fill(values: readonly Owned[]): void {
    values.forEach((value, index) => this.kind.fill(value, this.at(index), this.site.at(index)));
  }

  tidy(): void {
    for (const element of this) {
      this.kind.tidy(element);
    }
  }
}

/** Dimensions of all elements. */
export function listDims<Owned, Raw, Item, Written, Dims>(
  kind: Kind<Owned, Raw, Item, Written, Dims>,
  values: readonly Owned[],
  site: Site,
): Dims[] {
  return values.map((value, index) => kind.dims(value, site.at(index)));
}

/** Lays a frame out from its dimensions: to learn its size, or to write it. */
export class Builder {
  position = 0;
  readonly place: Place | undefined;
  private readonly room: number;
  private readonly zero: boolean;

  constructor(frame?: Uint8Array, zero = false) {
    this.place = frame === undefined ? undefined : new Place(frame);
    this.room = Math.min(frame?.length ?? FRAME_LIMIT, FRAME_LIMIT - 1);
    this.zero = zero;
  }

  advance(lenBytes: number, site: Site, zero: boolean): void {
    const start = this.position;
    const end = start + lenBytes;
    if (end > this.room) {
      site.fail(end >= FRAME_LIMIT ? TOO_LONG : `expected at least ${end} bytes of room, found ${this.room}`);
    }
    this.position = end;
    if (zero) {
      this.place?.clear(start, lenBytes);
    }
  }

  region(lenBytes: number, site: Site): void {
    this.advance(lenBytes, site, this.zero);
  }

  /** Zeros up to the next multiple of 8. */
  pad(site: Site): void {
    this.advance(alignUp(this.position, 8) - this.position, site, true);
  }
}

/** The body of one class that is being laid out: the fixed part, then its regions. */
export class Body {
  private readonly builder: Builder;
  private readonly className: string;
  private readonly start: number;
  private readonly fixedSize: number;

  constructor(builder: Builder, className: string, fixedSize: number) {
    this.builder = builder;
    this.className = className;
    this.start = builder.position;
    this.fixedSize = fixedSize;
    builder.advance(fixedSize, new Site(className), true);
  }

  array(member: string, elementSize: number, count: bigint): void {
    const site = new Site(this.className, member);
    this.builder.pad(site);
    this.builder.region(count >= FRAME_LIMIT ? FRAME_LIMIT : Number(count) * elementSize, site);
  }

  /** Gives the length. */
  one<O, R, I, W, Dims>(member: string, kind: Kind<O, R, I, W, Dims>, dims: Dims, maxBytes = Infinity): number {
    const site = new Site(this.className, member);
    this.builder.pad(site);
    const start = this.builder.position;
    kind.build(dims, this.builder, site, maxBytes);
    return this.builder.position - start;
  }

  /** Gives the length. */
  list<O, R, I, W, Dims>(
    member: string,
    kind: Kind<O, R, I, W, Dims>,
    count: bigint,
    dims: readonly Dims[],
    maxBytes = Infinity,
  ): number {
    const site = new Site(this.className, member);
    if (count !== BigInt(dims.length)) {
      site.fail(`expected dimensions for ${count} elements, found them for ${dims.length}`);
    }
    const builder = this.builder;
    builder.pad(site);
    const start = builder.position;
    builder.advance(4 * dims.length, site, false);
    builder.pad(site);
    const first = builder.position;
    dims.forEach((each, index) => {
      if (kind.align === 8) {
        builder.pad(site);
      }
      kind.build(each, builder, site.at(index), maxBytes);
      builder.place?.setHidden(start + 4 * index, builder.position - first);
    });
    return builder.position - start;
  }

  /** The empty region of an absent member stands where a region would. */
  absent(member: string): void {
    this.builder.pad(new Site(this.className, member));
  }

  /** The fixed part, if something is written. */
  fixed(): Place | undefined {
    return this.builder.place?.part(this.start, this.fixedSize);
  }
}

/** Takes a body apart, region by region, and checks each before it is trusted. */
export class Reader {
  private readonly className: string;
  private readonly frame: Place;
  private readonly size: number;
  private end = 0;

  constructor(className: string, frame: Uint8Array) {
    this.className = className;
    this.frame = new Place(frame);
    this.size = frame.length;
    if (frame.byteOffset % 8 !== 0) {
      this.site().fail("expected bytes that start at a multiple of 8: copy them first");
    }
  }

  fixed(size: number): Place {
    if (this.size < size) {
      this.site().fail(`expected ${size} bytes for the fixed part, found ${this.size}`);
    }
    if (this.size >= FRAME_LIMIT) {
      this.site().fail(TOO_LONG);
    }
    this.end = size;
    return this.frame.part(0, size);
  }

  array<T extends Numbers>(member: string, of: NumbersType<T>, count: bigint): T {
    const region = this.elements(member, of.BYTES_PER_ELEMENT, count);
    return new Place(region).array(of, 0, Number(count));
  }

  structs<T extends FixedClass>(member: string, of: Struct<T>, count: bigint): Structs<T> {
    return new Structs(of, new Place(this.elements(member, of.size, count)));
  }

  one<O, Raw, I, W, D>(member: string, kind: Kind<O, Raw, I, W, D>, lenBytes: number, maxBytes = Infinity): Raw {
    return kind.raw(this.region(member, lenBytes), this.site(member), maxBytes);
  }

  list<Owned, R, Item, W, D>(
    member: string,
    kind: Kind<Owned, R, Item, W, D>,
    lenBytes: number,
    count: bigint,
    maxBytes = Infinity,
  ): Elements<Owned, Item> {
    const elements = new Elements(kind, this.region(member, lenBytes), count, this.site(member), maxBytes);
    elements.check();
    return elements;
  }

  /** The same as `one`, to be written. */
  editOne<O, R, I, Written, D>(member: string, kind: Kind<O, R, I, Written, D>, lenBytes: number): Written {
    return kind.edit(this.region(member, lenBytes));
  }

  /** The same as `list`, to be written. */
  editList<Owned, R, I, Written, D>(
    member: string,
    kind: Kind<Owned, R, I, Written, D>,
    lenBytes: number,
    count: bigint,
  ): MutableElements<Owned, Written> {
    return new MutableElements(kind, this.region(member, lenBytes), count, this.site(member));
  }

  absent(member: string, lenBytes = 0): void {
    if (lenBytes !== 0) {
      this.site(member).fail(`an absent member has a length of ${lenBytes} bytes`);
    }
    this.region(member, 0);
  }

  /** The body ends where its last region ends. */
  finish(): void {
    if (this.end !== this.size) {
      otherEnd(this.site(), this.end, this.size);
    }
  }

  private site(member = ""): Site {
    return new Site(this.className, member);
  }

  private elements(member: string, elementSize: number, count: bigint): Uint8Array {
    if (count * BigInt(elementSize) >= FRAME_LIMIT) {
      this.site(member).fail(TOO_LONG);
    }
    return this.region(member, Number(count) * elementSize);
  }

  private region(member: string, lenBytes: number): Uint8Array {
    const start = alignUp(this.end, 8);
    const end = start + lenBytes;
    if (end > this.size) {
      pastEnd(this.site(member), end, this.size);
    }
    this.end = end;
    return this.frame.bytes.subarray(start, end);
  }
}
