/** Arithmetic on traces, as the services do it (common/rf). Levels are in dB, nulls are values that were not measured. */

export interface Trace {
  start_freq_hz: number;
  stop_freq_hz: number;
  step_freq_hz: number;
  numpoints: number;
  noise: number;
  unit?: string;
  rbw_hz?: number;
  enbw_hz?: number;
  freq_hz?: number[];
  y_val_dbm: (number | null)[];
}

/** Frequency of each value: given when the trace was thinned, else on the grid of start, stop and numpoints. */
export function frequencies(trace: Trace): number[] {
  if (trace.freq_hz) return trace.freq_hz;
  const n = trace.y_val_dbm.length;
  const step = n > 1 ? (trace.stop_freq_hz - trace.start_freq_hz) / (n - 1) : 0;
  return Array.from({ length: n }, (_, i) => trace.start_freq_hz + i * step);
}

/** Bandwidth that one value stands for, Hz: 1 for a density, else the ENBW, else 1.0645 RBW, else the step. */
export function noiseBandwidth(trace: Trace): { hz: number; assumed: boolean } {
  if (trace.unit === "dBm/Hz") return { hz: 1, assumed: false };
  if (trace.enbw_hz) return { hz: trace.enbw_hz, assumed: false };
  if (trace.rbw_hz) return { hz: 1.0645 * trace.rbw_hz, assumed: false };
  return { hz: trace.step_freq_hz, assumed: true };
}

export interface BandPower {
  max: number;
  mean: number;
  /** Sum of the values in milliwatts, times step over noise bandwidth, dBm. */
  channel: number;
  assumed: boolean;
  /** Over the noise floor in the same band, dB. */
  overNoise: number;
}

/** Power within a band of a whole (not thinned) trace; null when nothing was measured there, or the unit is no power. */
export function bandPower(trace: Trace, from: number, to: number): BandPower | null {
  if (trace.unit && trace.unit !== "dBm" && trace.unit !== "dBm/Hz") return null;
  const f = frequencies(trace);
  let sum = 0, n = 0, max = -Infinity;
  trace.y_val_dbm.forEach((y, i) => {
    const at = f[i] ?? 0;
    if (y === null || at < from || at > to) return;
    sum += 10 ** (y / 10);
    max = Math.max(max, y);
    n++;
  });
  if (n === 0) return null;
  const { hz, assumed } = noiseBandwidth(trace);
  const channel = 10 * Math.log10((sum * trace.step_freq_hz) / hz);
  const floor = trace.noise + 10 * Math.log10((n * trace.step_freq_hz) / hz);
  return { max, mean: 10 * Math.log10(sum / n), channel, assumed, overNoise: channel - floor };
}

/** The index of the value nearest to a frequency, in a sorted list. */
export function nearest(list: number[], hz: number): number {
  let low = 0, high = list.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((list[middle] ?? 0) < hz) low = middle;
    else high = middle;
  }
  return hz - (list[low] ?? 0) < (list[high] ?? 0) - hz ? low : high;
}

/** Colours of a waterfall, from weak to strong; equal steps look equal. */
const scale: [number, number, number][] = [[13, 22, 52], [30, 58, 116], [32, 104, 148], [38, 148, 148], [88, 186, 118], [184, 214, 82], [250, 228, 98], [255, 250, 214]];

export function heat(value: number): [number, number, number] {
  const at = Math.max(0, Math.min(0.9999, value)) * (scale.length - 1);
  const a = scale[Math.floor(at)] ?? [0, 0, 0], b = scale[Math.floor(at) + 1] ?? a, part = at % 1;
  return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + (b[2] - a[2]) * part];
}
