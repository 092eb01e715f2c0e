// Package rf is the arithmetic of radio-frequency power traces.
//
// A trace is a row of power values over an evenly spaced frequency axis, as a spectrum analyser or a
// monitoring receiver delivers it: frequencies in hertz, decimals included, powers in dBm or in another
// logarithmic unit. Powers are kept as signed 16-bit hundredths of the unit, so one value spans ±327.67 in
// steps of 0.01; the stored form is those integers in little-endian order, two bytes each (−75.24 dBm is
// the bytes 9c e2). The one integer that is left, −32768, stands for a value that the receiver does not
// have: no statistic counts it.
//
// Rounding to hundredths is half to even and exact in decimal: what counts is the shortest decimal
// text of a value, not the binary fraction behind it, so 0.145 becomes 0.14 and 2.675 becomes 2.68.
//
// Powers are averaged and summed in milliwatts, never in decibels.
package rf
