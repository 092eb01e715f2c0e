// Package recording reads the files that receivers and analysers write, and makes traces of them.
//
// Each format has a file of its own: rtl_power and soapy_power (rtlpower.go), hackrf_sweep as text (hackrf.go) and as
// binary (hackrfbinary.go), SigMF with its descriptions of power spectra (sigmf.go), and the two columns of an analyser's
// export (analyser.go). What they share is beside them: rows of a sweep are joined in sweep.go, times without a zone are
// read in clock.go.
//
// Memory is bounded whatever a file holds: by the longest line, the largest metadata and the most values of one sweep.
// A row that cannot be right is refused with its line and the rest of the file is read.
package recording
