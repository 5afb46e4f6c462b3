import { join } from 'node:path';
import type { MetricsSink, SinkDefinition, SinkFile } from '@quorate/core';
import { maskedCrc32c } from './crc32c.js';

/** Event files of TensorBoard: a folder for each run, a scalar for each metric. */
export const tensorboard: SinkDefinition = {
  name: 'tensorboard',
  summary: 'event files of TensorBoard, below a folder',
  open: async (folder, { file, now }) => {
    const files = new Map<string, SinkFile>();
    const sink: MetricsSink = {
      write: async (record) => {
        const seconds = now() / 1000;
        if (record.type === 'start') {
          // Its name has to have "tfevents" in it; TensorBoard takes a folder for a run.
          const events = file(join(folder, record.run, 'events.out.tfevents.quorate'));
          events.clear();
          events.append(framed(event(seconds, 0, field(3, 2, text('brain.Event:2')))));
          files.set(record.run, events);
        } else if (record.type === 'step') {
          const values = Object.entries(record.metrics).map(([tag, value]) =>
            field(1, 2, bytes(concat(field(1, 2, text(tag)), field(2, 5, float32(value))))),
          );
          files.get(record.run)?.append(framed(event(seconds, record.step, field(5, 2, bytes(concat(...values))))));
        }
      },
    };
    return sink;
  },
};

/** `Event` of tensorflow/core/util/event.proto: wall_time = 1, step = 2, and one of file_version = 3, summary = 5. */
function event(seconds: number, step: number, what: Uint8Array): Uint8Array {
  return concat(field(1, 1, float64(seconds)), field(2, 0, varint(step)), what);
}

/** A record as TensorFlow frames it: length, checksum of the length, data, checksum of the data. */
function framed(data: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, data.length, true);
  return concat(length, uint32(maskedCrc32c(length)), data, uint32(maskedCrc32c(data)));
}

function field(number: number, wireType: number, content: Uint8Array): Uint8Array {
  return concat(varint(number * 8 + wireType), content);
}

function varint(value: number): Uint8Array {
  const out: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...out, rest]);
    out.push((rest % 128) + 128);
  }
}

const bytes = (content: Uint8Array): Uint8Array => concat(varint(content.length), content);
const text = (content: string): Uint8Array => bytes(new TextEncoder().encode(content));

function float32(value: number): Uint8Array {
  return new Uint8Array(Float32Array.of(value).buffer);
}

function float64(value: number): Uint8Array {
  return new Uint8Array(Float64Array.of(value).buffer);
}

function uint32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
