import type { Severity } from "./alarms";

let context: AudioContext | null = null;

/** Tones in Hz, and how often; worse alarms are higher and more urgent (after IEC 60601-1-8). */
const tones: Record<Severity, [number, number]> = { critical: [880, 5], major: [740, 3], minor: [587, 2], warning: [440, 1], indeterminate: [440, 1] };

/** Sounds an alarm. Browsers are silent until somebody has clicked or typed on the page. */
export function beep(severity: Severity): void {
  context ??= new AudioContext();
  const [hz, times] = tones[severity];
  void context.resume();
  for (let i = 0; i < times; i++) {
    const begin = context.currentTime + i * 0.22;
    const tone = context.createOscillator(), level = context.createGain();
    tone.frequency.value = hz;
    level.gain.setValueAtTime(0, begin);
    level.gain.linearRampToValueAtTime(0.25, begin + 0.02);
    level.gain.setValueAtTime(0.25, begin + 0.12);
    level.gain.linearRampToValueAtTime(0, begin + 0.16);
    tone.connect(level).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + 0.17);
  }
}
