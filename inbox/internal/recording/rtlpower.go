package recording

// readRTLPower reads the CSV of rtl_power (from rtl-sdr): a row per hop with the time of the sweep, local and in whole
// seconds, and behind the values of the hop a copy of the last one. Value i of a hop lies at low + i · step.
func readRTLPower(s *source) error {
	r := rows{source: s, closing: 1}
	return r.read()
}

// readSoapyPower reads the CSV of soapy_power (format rtl_power): as that of rtl_power, but without the copy, with a time
// per hop, and with as many decimals as Python prints.
func readSoapyPower(s *source) error {
	r := rows{source: s}
	return r.read()
}
