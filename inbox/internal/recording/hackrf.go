package recording

// unitFullScale is the unit of hackrf_sweep's powers: relative to the full scale of the receiver's converter.
const unitFullScale = "dBFS"

// readHackRF reads the text of hackrf_sweep: a row per quarter of the receiver's bandwidth, out of order within a sweep.
//
// The values are bins between a row's edges, "the first from 2400 to 2401 MHz, the second from 2401 to 2402 MHz" as the
// HackRF documentation says, so value i lies at low + (i + ½) · step. It is so exactly, for hackrf_sweep makes the length
// of its FFT an odd multiple of four, which puts the edges halfway between two bins.
func readHackRF(s *source) error {
	r := rows{source: s, joiner: joiner{centred: true, unit: unitFullScale}}
	return r.read()
}
